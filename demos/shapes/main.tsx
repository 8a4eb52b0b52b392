import { render } from 'preact';

import '../shared/theme.css';
import './style.css';
import { App } from './app';

render(<App />, document.getElementById('app')!);
