/** How pictures look. Marks take the colour of their series from the variable `--c`. */
export const chartRules = `
figure{margin:1rem 0 1.75rem;min-width:0}
figcaption{color:var(--soft);font-size:.88rem;line-height:1.45;margin-top:.5rem;max-width:46rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:0 2.5rem;align-items:start}
.figures>*{min-width:0}
.small-multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,16rem),1fr));gap:1rem 1.5rem}
.small-multiples.narrow{grid-template-columns:repeat(auto-fill,minmax(min(100%,13rem),1fr))}
.plot{display:block;width:100%;height:auto;overflow:visible}
.plot text{font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,"Inter","Noto Sans",sans-serif;font-variant-numeric:tabular-nums;fill:var(--soft)}
.plot .axis-title{fill:var(--ink)}
.plot .note{font-size:11px}
.plot .point-label{fill:var(--ink);font-size:11px}
.grid path,path.grid{stroke:var(--grid);fill:none}
.axis{stroke:var(--soft);fill:none}
.line{fill:none;stroke:var(--c);stroke-width:1.6;stroke-linejoin:round}
.line.thin{stroke-width:1.4}
.primary .line{stroke-width:2.4}
.band{fill:var(--c);opacity:.16;stroke:none}
.marker{fill:var(--c);stroke:var(--paper);stroke-width:1}
.whisker{fill:none;stroke:var(--c);stroke-width:1.5}
.whisker.wide{stroke-width:7;opacity:.3}
.dot{fill:var(--c)}
.dot.faint{fill-opacity:.45;stroke:var(--c);stroke-width:.8}
.hollow{fill:var(--paper);stroke:var(--c);stroke-width:1.4}
.chance{stroke:var(--soft);stroke-dasharray:4 3;fill:none}
.unresolved{fill:var(--raised)}
.learned-by-heart{fill:var(--c);opacity:.22;stroke:none}
.attainable{stroke:var(--soft);stroke-width:1.4}
.null-band{fill:var(--soft);opacity:.12}
.null-swatch{width:1.4em;height:.9em;background:var(--soft);opacity:.3;flex:none}
.ceiling{stroke:var(--soft);stroke-dasharray:2 3}
.tolerance{fill:var(--good);opacity:.16}
.reached{stroke:var(--good);stroke-width:1.3;stroke-dasharray:3 2}
.members{--c:var(--member)}.non-members{--c:var(--non-member)}
.members .band{opacity:.25}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;list-style:none;padding:0;margin:.25rem 0 .6rem;font-size:.88rem}
.legend li{display:flex;align-items:center;gap:.45rem;margin:0}
.legend svg{flex:none}.legend span{min-width:0}
.legend em{color:var(--soft)}
.swatch{display:inline-block;width:.7em;height:.7em;border-radius:2px;background:var(--c);margin-right:.45em}
.interval-mark .grid{stroke:var(--line);stroke-width:1.5}
.interval-mark{--c:var(--ink);display:block;margin-top:.3rem;max-width:100%}
.interval-mark .control,.interval-mark .control-whisker{fill:var(--paper);stroke:var(--soft);stroke-width:1.4}
`;
