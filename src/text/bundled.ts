import bundled from './bundled.txt?raw';

/** "The Ferry on the Lull", a story written for this project: what is trained on by default. */
export const bundledText = bundled;
export const BUNDLED_NAME = 'the bundled text';
