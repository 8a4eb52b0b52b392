import type { GraphOperation } from '../../../src/inspect/index';
import type { GraphFacts, TensorFacts } from './protocol';

export const BOX = { width: 130, height: 42 } as const;
const COLUMN = BOX.width + 34;
const GAP = 14;
/** Height that a line takes where it passes a column. */
const LANE = 6;
const MARGIN = 12;
/** Room for the time steps above the columns. */
const TOP = 24;
const SWEEPS = 12;

/** A box: an operation, or a leaf. */
export interface Box {
  key: string;
  operation: GraphOperation | null;
  /** The leaf, or the outputs of the operation. */
  tensors: readonly TensorFacts[];
  x: number;
  y: number;
}

/** The way of a tensor to all that read it. */
export interface Route {
  tensor: TensorFacts;
  /** The key of the box it comes from. */
  from: string;
  /** All of it, as SVG path data. */
  path: string;
  /** The way to each reader, by the key of its box. */
  ways: ReadonlyMap<string, string>;
}

export interface Drawing {
  boxes: readonly Box[];
  routes: readonly Route[];
  /** Each time step, above the middle of its columns. */
  steps: readonly { step: number; x: number }[];
  width: number;
  height: number;
}

/** A box, or the place where a line passes a column. */
interface Place {
  box: Box | null;
  column: number;
  height: number;
  /** The middle. */
  y: number;
  left: Place[];
  right: Place[];
}

/**
 * A layered drawing (Sugiyama, Tagawa and Toda, 1981): columns by layer, the order in each by the
 * barycentre of the neighbours, heights as near to theirs as the order allows. A tensor's lines share
 * one trunk, with a place of its own in every column that it passes.
 */
export function drawing({ operations, tensors }: GraphFacts): Drawing {
  const places: Place[] = [];
  const put = (column: number, box: Box | null): Place => {
    const height = box ? BOX.height : LANE;
    const place = { box, column, height, y: 0, left: [], right: [] };
    places.push(place);
    return place;
  };
  const ofOperation = operations.map((operation) => {
    const outputs = operation.outputs.map((output) => tensors[output]);
    const key = `${operation.name} ${operation.id}`;
    return put(operation.layer, { key, operation, tensors: outputs, x: 0, y: 0 });
  });
  const trunks = tensors.flatMap((tensor) => {
    const users = [...new Set(tensor.users)].map((user) => ofOperation[user]);
    if (users.length === 0) return [];
    const first = Math.min(...users.map(({ column }) => column));
    const key = tensor.name ?? `input ${tensor.id}`;
    const source =
      tensor.producer === null
        ? put(first - 1, { key, operation: null, tensors: [tensor], x: 0, y: 0 })
        : ofOperation[tensor.producer];
    return [{ tensor, source, ...link(source, users, put) }];
  });

  const columns = orderedColumns(places);
  const height = settle(columns);
  const boxes = places.flatMap((place) => {
    if (!place.box) return [];
    place.box.x = leftOf(place);
    place.box.y = place.y - BOX.height / 2;
    return [place.box];
  });
  return {
    boxes,
    routes: trunks.map(({ tensor, source, links, ways }) => ({
      tensor,
      from: source.box!.key,
      path: links.map(curve).join(''),
      ways: new Map([...ways].map(([user, way]) => [user.box!.key, way.map(curve).join('')])),
    })),
    steps: stepsAbove(columns),
    width: 2 * MARGIN + columns.length * COLUMN - (COLUMN - BOX.width),
    height,
  };
}

/** Columns side by side that do the same time step have one label. */
function stepsAbove(columns: readonly Place[][]): Drawing['steps'] {
  const labels: { step: number; from: number; to: number }[] = [];
  for (const [at, column] of columns.entries()) {
    const step = column.find(({ box }) => box?.operation?.step)?.box?.operation?.step;
    const last = labels.at(-1);
    if (!step) continue;
    if (last?.step === step && last.to === at - 1) last.to = at;
    else labels.push({ step, from: at, to: at });
  }
  return labels.map(({ step, from, to }) => ({
    step,
    x: MARGIN + ((from + to) / 2) * COLUMN + BOX.width / 2,
  }));
}

type Link = readonly [Place, Place];

/**
 * Ties a source to its users, by way of a place in every column between: all links, and those on the
 * way to each user.
 */
function link(
  source: Place,
  users: readonly Place[],
  put: (column: number, box: null) => Place,
): { links: Link[]; ways: Map<Place, Link[]> } {
  const trunk: Link[] = [];
  const ways = new Map<Place, Link[]>();
  const tie = (a: Place, b: Place): Link => {
    a.right.push(b);
    b.left.push(a);
    return [a, b];
  };
  const last = Math.max(...users.map(({ column }) => column));
  let end = source;
  for (let column = source.column + 1; column <= last; column++) {
    for (const user of users) {
      if (user.column === column) ways.set(user, [...trunk, tie(end, user)]);
    }
    if (column === last) break;
    const next = put(column, null);
    trunk.push(tie(end, next));
    end = next;
  }
  return { links: [...trunk, ...[...ways.values()].map((way) => way.at(-1)!)], ways };
}

/** The columns, left to right, each in an order with few crossings. */
function orderedColumns(places: readonly Place[]): Place[][] {
  const columns: Place[][] = [];
  for (const place of places) (columns[place.column] ??= []).push(place);
  const number = (column: Place[]) => column.forEach((place, i) => (place.y = i));
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? 'left' : 'right';
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((place) => [place, mean(place[side]) ?? place.y]));
      column.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      number(column);
    }
  }
  return columns;
}

/** Finds heights, from 0 down, and the height of all. */
function settle(columns: readonly Place[][]): number {
  for (const column of columns) stackUp(column);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? 'left' : 'right';
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      fit(
        column,
        column.map((place) => mean(sweep < SWEEPS - 2 ? place[side] : bothSides(place)) ?? place.y),
      );
    }
  }
  const all = columns.flat();
  const top = Math.min(...all.map(({ y, height }) => y - height / 2));
  for (const place of all) place.y += TOP + MARGIN - top;
  return Math.max(...all.map(({ y, height }) => y + height / 2)) + MARGIN;
}

const bothSides = ({ left, right }: Place): Place[] => [...left, ...right];

function mean(places: readonly Place[]): number | null {
  if (places.length === 0) return null;
  return places.reduce((sum, { y }) => sum + y, 0) / places.length;
}

function stackUp(column: readonly Place[]): void {
  let y = 0;
  for (const place of column) {
    place.y = y + place.height / 2;
    y += place.height + GAP;
  }
}

/**
 * Puts a column as near to the wanted heights as its order and the gaps allow, by least squares: what
 * would overlap is joined to a block, which goes to the mean of its wishes.
 */
function fit(column: readonly Place[], wanted: readonly number[]): void {
  const blocks: { places: Place[]; offsets: number[]; sum: number }[] = [];
  const topOf = ({ sum, places }: (typeof blocks)[number]) => sum / places.length;
  const sizeOf = ({ places, offsets }: (typeof blocks)[number]) =>
    offsets.at(-1)! + places.at(-1)!.height / 2 + GAP;
  column.forEach((place, i) => {
    const half = place.height / 2;
    let block = { places: [place], offsets: [half], sum: wanted[i] - half };
    for (let above = blocks.at(-1); above; above = blocks.at(-1)) {
      const size = sizeOf(above);
      if (topOf(above) + size <= topOf(block)) break;
      blocks.pop();
      block = {
        places: [...above.places, ...block.places],
        offsets: [...above.offsets, ...block.offsets.map((offset) => size + offset)],
        sum: above.sum + block.sum - size * block.places.length,
      };
    }
    blocks.push(block);
  });
  for (const block of blocks) {
    const top = topOf(block);
    block.places.forEach((place, i) => (place.y = top + block.offsets[i]));
  }
}

function leftOf({ column }: Place): number {
  return MARGIN + column * COLUMN;
}

/** From the right edge of one to the left edge of the other, and through where a line passes. */
function curve([a, b]: Link): string {
  const from = leftOf(a) + BOX.width;
  const to = leftOf(b);
  const middle = (from + to) / 2;
  const through = b.box ? '' : `H${to + BOX.width}`;
  return `M${from} ${round(a.y)}C${middle} ${round(a.y)} ${middle} ${round(b.y)} ${to} ${round(b.y)}${through}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
