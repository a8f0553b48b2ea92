import type { ComponentChildren } from 'preact';

export interface Column<T> {
  heading: string;
  cell: (row: T) => ComponentChildren;
  /** The cell that names its row. */
  names?: boolean;
  number?: boolean;
}

/**
 * A table that becomes a card per row where it is too narrow. Its roles are written out, because browsers forget a table's meaning when
 * its display is changed.
 */
export function Table<T>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T, index: number) => string;
}) {
  return (
    <table role="table" class="cards-when-narrow">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(column => (
            <th key={column.heading} role="columnheader" scope="col" class={column.number ? 'number' : ''}>
              {column.heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, index) => (
          <tr key={keyOf(row, index)} role="row">
            {columns.map(column =>
              column.names ? (
                <th key={column.heading} role="rowheader" scope="row" data-label={column.heading}>
                  <div>{column.cell(row)}</div>
                </th>
              ) : (
                <td key={column.heading} role="cell" data-label={column.heading} class={column.number ? 'number' : ''}>
                  <div>{column.cell(row)}</div>
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
