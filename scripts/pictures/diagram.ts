import { escaped, round, svgOf } from './svg.js';

/** Box of a diagram, at a place of its grid. */
export interface Box {
  readonly column: number;
  readonly row: number;
  readonly label: string;
  /** Smaller second line. */
  readonly note?: string;
  readonly kind?: 'work' | 'good' | 'wrong';
}

/** Arrow between two boxes. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** True for the way of an error or a rollback. */
  readonly isWrong?: boolean;
}

/** Boxes and the arrows between them. */
export interface Diagram {
  readonly title: string;
  readonly boxes: Readonly<Record<string, Box>>;
  readonly arrows: readonly Arrow[];
}

const [boxWidth, boxHeight] = [150, 44];
const [columnWidth, rowHeight] = [192, 96];
const [left, top] = [12, 48];

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Draws boxes on a grid with arrows between them. */
export function drawDiagram({ title, boxes, arrows }: Diagram): string {
  const places = Object.values(boxes);
  const width = left * 2 + Math.max(...places.map(({ column }) => column)) * columnWidth + boxWidth;
  const height = top + Math.max(...places.map(({ row }) => row)) * rowHeight + boxHeight + 20;
  const labelOf = (name: string) => boxes[name]?.label ?? name;
  return svgOf({
    title,
    description: arrows.map(({ from, to }) => `${labelOf(from)} to ${labelOf(to)}`).join('; '),
    width,
    height,
    content: [
      '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="head" d="M0 0L8 4L0 8z"/></marker></defs>',
      ...arrows.map((arrow) => drawArrow(arrow, arrows, boxes)),
      ...places.map(drawBox),
    ],
  });
}

function drawBox(box: Box): string {
  const { x, y } = cornerOf(box);
  const middle = x + boxWidth / 2;
  const { label, note, kind } = box;
  const second =
    note === undefined
      ? ''
      : `<text class="faint middle" x="${middle}" y="${y + 35}">${escaped(note)}</text>`;
  return `<rect class="box ${kind ?? ''}" x="${x}" y="${y}" width="${boxWidth}" height="${boxHeight}" rx="6"/><text class="middle" x="${middle}" y="${y + (note === undefined ? 27 : 19)}">${escaped(label)}</text>${second}`;
}

function cornerOf({ column, row }: Box): Point {
  return { x: left + column * columnWidth, y: top + row * rowHeight };
}

/** Draws an arrow from side to side in a row, otherwise from top to bottom. One that has a counterpart is moved aside. */
function drawArrow(
  { from, to, isWrong }: Arrow,
  arrows: readonly Arrow[],
  boxes: Readonly<Record<string, Box>>,
): string {
  const [start, end] = [requireBox(boxes, from), requireBox(boxes, to)];
  const hasCounterpart = arrows.some((other) => other.from === to && other.to === from);
  const style = isWrong === true ? 'edge wrong' : 'edge';
  const path =
    start.row === end.row ? levelPath(start, end, hasCounterpart) : steepPath(start, end, hasCounterpart);
  return `<path class="${style}" marker-end="url(#head)" d="${path}"/>`;
}

function levelPath(start: Box, end: Box, hasCounterpart: boolean): string {
  const direction = Math.sign(end.column - start.column);
  const aside = hasCounterpart ? direction * 10 : 0;
  const y = cornerOf(start).y + boxHeight / 2 + aside;
  const from = cornerOf(start).x + (direction > 0 ? boxWidth : 0);
  const to = cornerOf(end).x + (direction > 0 ? 0 : boxWidth);
  if (Math.abs(end.column - start.column) === 1) return `M${from} ${y}H${to}`;
  const bow = cornerOf(start).y - 26;
  const [near, far] = [cornerOf(start).x + boxWidth / 2, cornerOf(end).x + boxWidth / 2];
  const under = cornerOf(start).y;
  return `M${near} ${under}C${near} ${bow} ${far} ${bow} ${far} ${under}`;
}

function steepPath(start: Box, end: Box, hasCounterpart: boolean): string {
  const down = end.row > start.row;
  const aside = hasCounterpart ? (down ? 14 : -14) : 0;
  // Arrows that share a side of a box end at different places of it.
  const spread = Math.sign(end.column - start.column) * 24;
  const from = {
    x: cornerOf(start).x + boxWidth / 2 + aside + spread,
    y: cornerOf(start).y + (down ? boxHeight : 0),
  };
  const to = {
    x: cornerOf(end).x + boxWidth / 2 + aside - spread,
    y: cornerOf(end).y + (down ? 0 : boxHeight),
  };
  const middle = round((from.y + to.y) / 2);
  return `M${from.x} ${from.y}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`;
}

function requireBox(boxes: Readonly<Record<string, Box>>, name: string): Box {
  const box = boxes[name];
  if (box === undefined) throw new Error(`${name} has no place in the diagram`);
  return box;
}
