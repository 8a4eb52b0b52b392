import { tryLethe } from './steps.js';

onmessage = async () => postMessage(await tryLethe());
