export { accuracy, type AccuracyOptions, type Label } from './accuracy';
