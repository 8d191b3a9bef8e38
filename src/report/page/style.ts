/** Colours in light. Every ink has a contrast of 4.5 to the ground and to the box of a failure. */
export const lightColours = {
  ground: '#ffffff',
  box: '#fff1f0',
  ink: '#1b1f24',
  quiet: '#57606a',
  grid: '#d0d7de',
  blue: '#2160bd',
  green: '#17693f',
  bad: '#b3202a',
  mark: '#7038c9',
} as const;

/** Colours in dark. */
export const darkColours = {
  ground: '#0d1117',
  box: '#2a1215',
  ink: '#e6edf3',
  quiet: '#9da7b3',
  grid: '#30363d',
  blue: '#6aa8ff',
  green: '#4cc38a',
  bad: '#ff8b83',
  mark: '#c9a4ff',
} as const;

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');
}

/** Style sheet of every report. The content security policy has its hash. */
export const styleSheet = `
:root{color-scheme:light dark;${variables(lightColours)}}
@media (prefers-color-scheme:dark){:root{${variables(darkColours)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
header,main{max-width:60rem;margin:0 auto;padding:0 1rem}
main{padding-bottom:3rem}
h1,h2,h3,h4,p,li,td,tbody th,dd,dt,summary,caption{overflow-wrap:anywhere}
h1{font-size:1.4rem;line-height:1.25;margin:1rem 0 .5rem}
h2{font-size:1.15rem;line-height:1.3;margin:2rem 0 .5rem}
h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.5rem 0}
.quiet{color:var(--quiet);font-size:.875rem}
.outcome{font-weight:600}
.good{color:var(--green)}.bad{color:var(--bad)}.open{color:var(--mark)}
.failure{border-left:.3rem solid var(--bad);background:var(--box);padding:.5rem .75rem;margin:.75rem 0;break-inside:avoid}
.failure h2{margin:0;color:var(--bad)}
.failure .quiet{color:var(--ink)}
.first{font-weight:600}
dl{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin:1rem 0}
dl div{min-width:0}
dt{color:var(--quiet);font-size:.875rem}dd{margin:0;font-variant-numeric:tabular-nums}
figure{margin:1.25rem 0;break-inside:avoid}
figcaption{margin-bottom:.25rem}
figcaption b{display:block}
.legend{display:inline-block;margin-right:1rem;font-size:.875rem}
.legend svg{display:inline-block;width:1.75rem;height:.75rem;vertical-align:middle;margin-right:.35rem}
svg{display:block;width:100%;font-size:12px}
svg text{fill:var(--ink);paint-order:stroke;stroke:var(--ground);stroke-width:4px}
svg .tick{fill:var(--quiet)}svg .limit-ink{fill:var(--bad);font-weight:600}
.grid{stroke:var(--grid)}
.line{fill:none;stroke-width:2.5px;stroke-linejoin:round}
.line.blue,.mark.blue{stroke:var(--blue)}.line.green,.mark.green{stroke:var(--green)}.line.plain{stroke:var(--mark)}
.line.blue{stroke-dasharray:9 5}
.limit{stroke:var(--bad);stroke-width:2px;stroke-dasharray:3 4}
.event{stroke:var(--mark);stroke-width:1.5px;stroke-dasharray:2 4}
.dot{fill:var(--mark)}.cross{stroke:var(--bad);stroke-width:3px}.mark{stroke-width:3px}
.bar.run{fill:var(--green)}.bar.undo{fill:var(--mark)}.bar.phase{fill:var(--blue)}
.bar.wait{fill:none;stroke:var(--quiet);stroke-width:1.5px;stroke-dasharray:4 3}
.lanes{list-style:none;margin:.5rem 0;padding:0}
.lanes li{border-top:1px solid var(--grid);padding:.25rem 0;break-inside:avoid}
.lanes p{margin:0}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.9375rem}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;font-weight:400;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--grid);vertical-align:top}
thead th{color:var(--quiet);font-size:.875rem}
tbody th{font-variant-numeric:tabular-nums;min-width:4.5rem}
.timed tbody th{white-space:nowrap;width:1%}
summary{cursor:pointer;padding:.4rem 0}
summary:focus-visible,a:focus-visible{outline:3px solid var(--blue);outline-offset:2px}
details caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media print{
@page{margin:14mm}
:root{color-scheme:light;${variables(lightColours)}}
body{font-size:11pt}
header,main{max-width:none;padding:0}
details::details-content{content-visibility:visible;block-size:auto}
*{print-color-adjust:exact}
tr{break-inside:avoid}
}
`;
