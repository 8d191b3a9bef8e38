/**
 * Replaces the text between the two marks of a name in a page.
 *
 * @throws Error when the page does not have both.
 */
export function replaceBetween(name: string, page: string, text: string): string {
  const marks = { begin: `<!-- ${name}: begin -->`, end: `<!-- ${name}: end -->` };
  const [begin, end] = [page.indexOf(marks.begin), page.indexOf(marks.end)];
  if (begin === -1 || end === -1) throw new Error(`Expected the marks ${marks.begin} and ${marks.end}`);
  return `${page.slice(0, begin + marks.begin.length)}\n\n${text}\n\n${page.slice(end)}`;
}
