/** Questions by what they ask for, in the six classes of TREC (Li and Roth, COLING 2002). */
export interface Question {
  readonly text: string;
  /** Place in `CLASSES`. */
  readonly label: number;
  /** What is asked for in more detail, such as `city`, where a file tells. */
  readonly fine?: string;
}

/** The code of a class in files of TREC, and what its questions ask for. */
export const CLASSES = [
  { code: 'ABBR', asks: 'an abbreviation, or what one stands for' },
  { code: 'DESC', asks: 'a description, a reason or a definition' },
  { code: 'ENTY', asks: 'a thing: an animal, a colour, a food, a work' },
  { code: 'HUM', asks: 'a person or a group' },
  { code: 'LOC', asks: 'a place' },
  { code: 'NUM', asks: 'a number: a date, a distance, a price' },
] as const;

/** Some fifty for each class. */
const QUESTIONS: Readonly<Record<(typeof CLASSES)[number]['code'], string>> = {
  ABBR: `
    What does WWW stand for?
    What is the abbreviation of kilometre?
    What does the acronym LED mean?
    What do the letters PDF stand for?
    How is Doctor abbreviated in front of a name?
    What does GPS stand for?
    What is RAM short for?
    What is the full form of HTML?
    What do the initials BBC mean?
    What is the abbreviation for Saturday?
    What does e.g. stand for?
    What does the acronym SCUBA mean?
    What does DIY stand for?
    What is the short form of versus?
    What does DNA stand for?
    What is VIP short for?
    What do the letters RSVP mean on an invitation?
    What does the abbreviation etc. mean?
    What is the chemical symbol for silver short for?
    What does UFO stand for?
    What is the acronym for the European Space Agency?
    What does FAQ mean?
    What is the abbreviation for tablespoon in a recipe?
    What does PIN stand for at a bank?
    What do the letters ATM stand for?
    What does ASAP stand for?
    What is the full name of the UN?
    What does CEO mean?
    How do you abbreviate minutes?
    What does USB stand for?
    What does the abbreviation km stand for?
    What is NASA an acronym for?
    What do the initials J.R.R. stand for?
    What does laser stand for?
    What is the two-letter abbreviation of Switzerland on cars?
    What does CD stand for?
    What is the abbreviation of the word number?
    What does IQ stand for?
    What is Wi-Fi the short form of?
    What does the abbreviation a.m. mean?
    What do the letters SOS mean?
    What is the acronym for the World Health Organization?
    What does SIM stand for in SIM card?
    What does BC mean behind a year?
    What is Ltd. short for?
    What does PS stand for at the end of a letter?
    What is the full form of JPEG?
    What do the letters XL mean on a shirt?
    What does the acronym radar stand for?
    What is the abbreviation for the United Kingdom?`,
  DESC: `
    What is photosynthesis?
    Why is the sky blue?
    How do bees find their way home?
    What is the meaning of the word serendipity?
    Why do cats purr?
    How does a pendulum clock keep time?
    What is a solar eclipse?
    What causes thunder?
    How do you take ink out of a shirt?
    What is the difference between a frog and a toad?
    Why do leaves turn red in autumn?
    How are bricks made?
    What happens to a letter without a stamp?
    What is inflation?
    How do I tie a bow tie?
    Why did people build pyramids?
    What is the purpose of a keel?
    What does ambiguous mean?
    How can I get rid of hiccups?
    What is the origin of the word bank?
    Why does bread rise?
    What is an algorithm?
    How do plants drink?
    What is the history of the piano?
    What are the side effects of too much coffee?
    How does a lock on a canal work?
    Why are flamingos pink?
    What is a sonnet?
    What is the theory of evolution about?
    How do you make yoghurt at home?
    What is known about the people of Easter Island?
    Why do we yawn?
    What does it feel like to be weightless?
    What is gravity?
    How did the dinosaurs die out?
    What makes popcorn pop?
    How do submarines dive?
    Why is the sea salty?
    What is a haiku?
    What is the effect of the moon on the tides?
    How do fireflies glow?
    What was the reason for the French Revolution?
    What is an isotope?
    How do you say thank you in Finnish?
    What is the definition of irony?
    Why do onions make you cry?
    What is meant by a baker's dozen?
    How is glass recycled?
    What is a monsoon like?
    Why do old ships have a figurehead?`,
  ENTY: `
    What animal sleeps standing up?
    What colour is a polar bear's skin?
    What instrument did Chopin play?
    What is the largest bird that cannot fly?
    Which metal melts in the hand?
    What language do they speak in Brazil?
    What book begins with a whale hunt?
    What is the hardest stone?
    What sport uses a shuttlecock?
    Which planet has rings of ice?
    What do pandas eat?
    What disease is caused by a lack of vitamin C?
    What kind of tree bears acorns?
    What is the most common gas in the air?
    Which film won the most awards that year?
    What currency is used in Japan?
    What is the national flower of the Netherlands?
    What game is played with sixty-four squares?
    What vitamin is in carrots?
    What is the name of Sherlock Holmes's violin?
    Which dog breed has a blue tongue?
    What tool does a carpenter use to cut wood?
    What are the primary colours?
    What drink is made from hops?
    Which vegetable makes you cry?
    What ship sank on its first voyage?
    What is the fastest fish?
    What opera tells of a barber?
    What was the first animal in space?
    Which letter is the most frequent one in English?
    What fruit is dried to make raisins?
    What fabric comes from worms?
    What is the favourite food of koalas?
    What religion has its holy days on Saturday?
    Name a musical with cats in it.
    What is a young swan called?
    What weapon did the knights of old carry?
    Which part of a car makes the spark?
    What song is sung at the turn of the year?
    What painting shows a woman who smiles?
    What crop grows in flooded fields?
    What do you call a group of lions?
    Name the chemical that makes peppers hot.
    What cheese has holes?
    What insect spreads malaria?
    What is the main ingredient of hummus?
    Which dance comes from Argentina?
    What product did the company sell at first?
    What is another word for happy?
    What plant is linen made of?`,
  HUM: `
    Who painted the ceiling of the chapel?
    Who was the first woman in space?
    What explorer reached the South Pole first?
    Who wrote the book about the white whale?
    Which president signed the treaty?
    Who invented the telephone?
    What is the name of the queen's eldest son?
    Who discovered penicillin?
    What company makes the most cars?
    Who played the detective in the series?
    Which team won the cup in the rain?
    Who is the patron saint of travellers?
    What actor was born on a ship?
    Who founded the Red Cross?
    What singer was known as the sparrow?
    Who sailed around the world alone?
    Which king had six wives?
    Who designed the glass pyramid in Paris?
    What scientist won two Nobel prizes?
    Who were the first people to climb Everest?
    What band recorded the song about a submarine?
    Who lives at the top of the tower?
    Which philosopher drank the poison?
    Who composed the four seasons?
    What was the name of the pilot?
    Who is the author of the dictionary?
    What university did the minister go to?
    Who killed the dragon?
    What is the nickname of the runner?
    Who translated the poems into English?
    What pirate had a black beard?
    Who said that the world is a stage?
    Which architect built the opera house in Sydney?
    Who taught Alexander the Great?
    What tribe lived on the shores of the lake?
    Who owns the lighthouse?
    What doctor performed the first heart transplant?
    Who chose the colours of the flag?
    Which emperor built the long wall?
    Who won the chess championship last year?
    What do you call someone who repairs shoes?
    Who is the mayor of London?
    What newspaper first printed the story?
    Who ran the first marathon?
    What astronaut hit a golf ball on the moon?
    Name the sisters who wrote novels on the moor.
    Who directed the film about the shark?
    What organization looks after old castles?
    Who was the father of the composer?
    Which general crossed the Alps with elephants?`,
  LOC: `
    Where is the highest waterfall?
    What is the capital of Mongolia?
    Which country has the most lakes?
    Where were the first games held?
    What city has more bridges than Venice?
    Where do penguins live?
    What river runs through Vienna?
    Which mountain is the highest in Africa?
    Where was the composer buried?
    What sea lies between Italy and Croatia?
    What is the largest desert?
    Where can I see the northern lights?
    What island was once called Ceylon?
    Which state has the smallest population?
    Where did the potato come from?
    What continent has no snakes?
    Where is the museum of keys?
    What street is the prime minister's house in?
    Which ocean is the deepest?
    Where does the Danube begin?
    What country do tulips come from?
    What town did the poet grow up in?
    Where are diamonds mined?
    What is the name of the bay on the west coast?
    Which two countries share the longest border?
    Where is the tomb of the emperor?
    What planet did the probe land on?
    Where was paper first made?
    What valley is known for its wine?
    Which province is Montreal in?
    Where do the eels go in winter?
    What peninsula is Spain part of?
    What is the oldest city in Europe?
    Where is the Sea of Tranquility?
    Which harbour did the ship leave from?
    What country is surrounded by South Africa?
    Where on the body is the thinnest skin?
    What canal joins the two oceans?
    Where can you buy stamps on a Sunday?
    What strait lies south of Chile?
    What are the names of the lakes on the border?
    Where is the oldest library?
    Which village has the leaning church?
    Where did the queen spend her summers?
    What volcano buried Pompeii?
    What is the smallest country in the world?
    Where is the best place to see whales?
    Which airport has the longest runway?
    What castle stands above the Rhine?
    Where was the telescope built?`,
  NUM: `
    How many legs does a spider have?
    When did the war end?
    How far is it to the moon?
    What year was the bridge opened?
    How tall is the tower in Pisa?
    How much does a stamp cost?
    What is the speed of light?
    How old was Mozart when he died?
    What is the population of Iceland?
    How long does it take to boil an egg?
    When was the first photograph taken?
    How many strings does a harp have?
    What is the boiling point of water?
    How deep is the lake?
    On what date is the longest day?
    What percentage of the earth is water?
    How many days does February have?
    What is the postal code of the town hall?
    How fast can a cheetah run?
    When is the next full moon?
    What is the average weight of an elephant?
    How many rooms are in the palace?
    What time does the museum close?
    How hot is the surface of the sun?
    What is the price of a ticket to Rome?
    How many people speak Welsh?
    When did the Titanic sink?
    What is the length of a marathon?
    How big is a tennis court?
    What century did the painter live in?
    How many bones are in the hand?
    How often do comets pass the earth?
    What is the distance from Oslo to Bergen?
    When was the printing press invented?
    How many keys are on a piano?
    What is the square root of two?
    How long is the Nile?
    What is the number of the emergency line?
    In what year did she win the prize?
    How many teaspoons are in a cup?
    What is the height of the dam?
    How much salt is in a litre of sea water?
    When do the clocks change?
    What was the temperature at the pole?
    How many moons has Jupiter?
    What fraction of the trees are oaks?
    How large is a hectare?
    What day of the week was it?
    How many stairs lead to the top?
    What is the atomic number of gold?`,
};

/** The questions of our own, class by class. */
export function ownQuestions(): Question[] {
  return CLASSES.flatMap(({ code }, label) =>
    QUESTIONS[code]
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((text) => ({ text, label })),
  );
}
