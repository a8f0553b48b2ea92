import './styles/base.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/content.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
