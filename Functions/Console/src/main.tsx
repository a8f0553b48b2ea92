import './styles/base.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/forms.css';
import './styles/content.css';
import './styles/tables.css';
import './styles/overview.css';
import './styles/artifacts.css';
import { render } from 'preact';
import { App } from './app';

render(<App />, document.getElementById('app')!);
