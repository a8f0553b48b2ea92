import './styles/base.css';
import { render } from 'preact';

render(
  <main>
    <h1>CasFunctions</h1>
  </main>,
  document.getElementById('app')!,
);
