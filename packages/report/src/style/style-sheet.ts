import { seriesColours } from '../charts/series.js';
import { chartRules } from './chart-rules.js';
import { variables } from './palette.js';

const page = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Inter","Noto Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main{max-width:70rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1,h2,h3,h4{line-height:1.25;text-wrap:balance;margin:0;overflow-wrap:anywhere}
h1{font-size:1.9rem;letter-spacing:-.015em}
h2{font-size:1.4rem;letter-spacing:-.01em;margin-bottom:.75rem}
h3{font-size:1.08rem;margin:2.25rem 0 .6rem}
h4{font-size:.95rem;margin:0 0 .4rem}
p{margin:.6rem 0;max-width:46rem}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
code{overflow-wrap:anywhere}
.skip{position:absolute;left:-100vw}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem}
.kicker{margin:0;color:var(--soft);font-size:.85rem;letter-spacing:.02em}
.audit-id{margin:.2rem 0 1.25rem;color:var(--soft)}
main>section{margin-top:3.5rem;padding-top:1.5rem;border-top:1px solid var(--line)}
main>section.banner{margin-top:0;padding:1.4rem 1.5rem 1.5rem;border:1px solid var(--tone);border-left-width:.5rem;border-radius:.6rem;background:var(--tone-tint)}
.banner h2{display:flex;flex-wrap:wrap;align-items:baseline;gap:.6rem .9rem;font-size:1.35rem;margin:0}
.banner h2>span:last-child{flex:1 1 22rem}
.banner h3{margin:1.25rem 0 .4rem;font-size:.95rem;color:var(--soft);font-weight:600}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:0 2.25rem}
.columns>*{min-width:0}
ul{margin:.4rem 0;padding-left:1.15rem}
li{margin:.35rem 0;max-width:46rem;overflow-wrap:anywhere}
.advice{list-style:none;padding:0}
.advice li{margin:.6rem 0;padding-left:1.4rem;position:relative}
.advice li::before{content:"→";position:absolute;left:0;color:var(--soft)}
.advice b{font-weight:600}.advice span{display:block;color:var(--soft);font-size:.92rem}
.tests{list-style:none;padding:0}
.tests li{margin:.6rem 0}.tests a{font-weight:600}.tests .badge{margin-left:.4rem}.tests li>span:last-child{display:block;font-size:.92rem;color:var(--soft)}
.tests li>span.badge:last-child{display:inline-flex;color:var(--tone)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;margin:1.25rem 0 0;font-size:.95rem}
nav li{margin:0}
.lead{font-size:1.12rem;line-height:1.45}
.aside{color:var(--soft);font-size:.92rem}
.warning{padding:.7rem .9rem;border:1px solid var(--void);border-radius:.4rem;background:var(--void-tint);color:var(--ink)}
.cautions{list-style:none;padding:0;margin-top:-.75rem;font-size:.9rem}.cautions b{color:var(--doubt)}
.realised{margin-top:.15rem}
.summary li{font-size:1.05rem}
.verdict-leak,.outcome-fail{--tone:var(--alarm);--tone-tint:var(--alarm-tint)}
.verdict-noLeakFound,.outcome-pass{--tone:var(--good);--tone-tint:var(--good-tint)}
.verdict-inconclusive,.outcome-inconclusive,.outcome-warn{--tone:var(--doubt);--tone-tint:var(--doubt-tint)}
.verdict-invalid{--tone:var(--void);--tone-tint:var(--void-tint)}
.outcome-notRun{--tone:var(--soft);--tone-tint:var(--raised)}
.badge{display:inline-flex;align-items:baseline;gap:.35em;color:var(--tone);font-weight:650;font-size:.95rem;white-space:nowrap;letter-spacing:0;vertical-align:baseline}
.badge .icon{width:1em;height:1em;fill:currentColor;flex:none;position:relative;top:.12em}
.banner h2 .badge{font-size:1.35rem}
h2 .badge{margin-left:.5rem;font-size:1rem}
.banner h2 .badge{margin-left:0}
h4 .badge{margin-left:.4rem;font-size:.88rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17rem),1fr));gap:1rem;margin:.75rem 0}
.card{border:1px solid var(--line);border-top:.25rem solid var(--tone,var(--line));border-radius:.5rem;padding:.85rem 1rem;min-width:0;margin:.75rem 0}
.cards.gates{grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr))}
.cards>.card{margin:0}.cards>.card:only-child{max-width:32rem}
.ids{max-width:none}.ids code{white-space:nowrap;margin-right:.5em}
.card h4{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.3rem .6rem}
.card h4 .badge{margin:0}
.card p{margin:.4rem 0;font-size:.95rem}
.card .question{font-weight:550}
.card .repair{border-top:1px solid var(--line);padding-top:.5rem;margin-top:.6rem}
.measured b{font-size:1.05em;font-weight:650;white-space:nowrap}
.interval{white-space:nowrap;font-size:.94em}
.how{display:block;color:var(--soft);font-size:.8rem;line-height:1.4;font-weight:400}
figcaption,caption,td,tbody th,dt{overflow-wrap:anywhere}
figcaption .how{display:inline}
.unmeasured b{font-weight:600;color:var(--soft);font-style:italic}
.figure .how{display:inline}
table{border-collapse:collapse;width:100%;margin:1rem 0 1.5rem;font-size:.95rem}
caption{caption-side:top;text-align:left;color:var(--soft);font-size:.9rem;padding:0 0 .5rem;text-wrap:pretty}
th,td{text-align:left;vertical-align:top;padding:.6rem .9rem .6rem 0;border-top:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{border-top:0;border-bottom:2px solid var(--line);padding-top:0;font-size:.85rem;color:var(--soft);font-weight:600;vertical-align:bottom}
tbody tr:first-child>*{border-top:0}
tbody th{font-weight:550}
td .label{display:none}
.compact{font-size:.86rem;margin:.5rem 0}.compact th,.compact td{padding-top:.25rem;padding-bottom:.25rem}
.severity{white-space:nowrap;font-weight:600}
.severity-high{color:var(--alarm)}.severity-medium{color:var(--doubt)}.severity-low{color:var(--accent)}.severity-info{color:var(--soft)}
details{margin:.6rem 0;font-size:.92rem}
summary{cursor:pointer;color:var(--accent);width:fit-content}
dl{margin:.5rem 0}dd{margin:0}dt{font-weight:600}
.settings{font-size:.88rem}
.settings>div{display:flex;gap:.75rem;padding:.2rem 0;border-top:1px solid var(--grid)}
.settings>div:first-child{border-top:0}
.settings dt{flex:0 0 9.5rem;font-weight:500;color:var(--soft);overflow-wrap:anywhere}
.settings dd{min-width:0;overflow-wrap:anywhere;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
.glossary{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:.9rem 2.25rem}
.glossary dd{color:var(--soft);font-size:.95rem}
.copyable{background:var(--raised);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;overflow-x:auto;user-select:all;line-height:1.5;margin:.5rem 0;font-size:.84rem}
.copyable code{font-size:inherit;overflow-wrap:normal}
.strip{margin:1.1rem 0}
.strip figcaption{max-width:none;font-size:.92rem;color:var(--ink);margin:0 0 .35rem}
.strip-text{border:1px solid var(--line);border-radius:.5rem;overflow:hidden}
.strip-text p{max-width:none;margin:0;padding:.55rem .8rem;display:grid;grid-template-columns:5rem 1fr;gap:.5rem;font:.84rem/1.75 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.strip-text bdi{white-space:pre-wrap;overflow-wrap:anywhere;min-width:0}
.strip-text .prefix{background:var(--raised);border-bottom:1px dashed var(--soft)}
.strip-label{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Inter","Noto Sans",sans-serif;color:var(--soft);font-size:.8rem}
.strip-text bdi span{border-right:1px solid transparent;background-clip:padding-box}
.strip-text bdi span,.heat-legend li>span:first-child{padding:.1em 0;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.heat-1{background:var(--heat-1)}.heat-2{background:var(--heat-2)}.heat-3{background:var(--heat-3);color:var(--heat-3-ink)}
.heat-4{background:var(--heat-4);color:var(--heat-4-ink)}.heat-5{background:var(--heat-5);color:var(--heat-5-ink)}
.heat-none{text-decoration:underline dotted var(--soft)}
.withheld{display:inline-block;width:1.1em;height:1.1em;margin-right:2px;vertical-align:-.15em;border:1px solid var(--line);border-radius:2px}
.heat-legend{gap:.3rem 1rem}
.heat-legend li>span:first-child{font-family:ui-monospace,monospace;font-size:.82rem;padding:.1em .35em;border-radius:2px}
@media (max-width:44rem){
.compact{display:block;overflow-x:auto}
main{padding:1.25rem 1rem 3rem}
h1{font-size:1.5rem}h2{font-size:1.22rem}.banner h2,.banner h2 .badge{font-size:1.15rem}
main>section{margin-top:2.5rem}
main>section.banner{padding:1.1rem 1rem}
h2 .badge{display:flex;margin:.35rem 0 0}
.plain,.plain tbody,.plain tr,.plain th,.plain td,.plain caption{display:block}
.plain thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.plain tr{border:1px solid var(--line);border-radius:.5rem;padding:.7rem .85rem;margin:.6rem 0}
.plain th,.plain td{border:0;padding:.2rem 0}
.plain td{display:grid;grid-template-columns:7.2rem minmax(0,1fr);gap:.6rem}
.plain td .label{display:block;color:var(--soft);font-size:.82rem;padding-top:.1rem}
.settings dt{flex-basis:7rem}
.strip-text p{grid-template-columns:1fr;gap:0}
.copyable{white-space:pre-wrap;overflow-wrap:anywhere}.copyable code{overflow-wrap:anywhere}
}
@media print{
:root{${variables('light')}}
body{font-size:10pt}main{max-width:none;padding:0}
nav,.skip,figure details{display:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
h2,h3,h4,caption,.legend{break-after:avoid}
.how{font-size:.74rem}
figure svg,tr,.card,.strip,li{break-inside:avoid}
main>section{margin-top:1.5rem}
details::details-content{content-visibility:visible;display:block;block-size:auto}
.copyable{white-space:pre-wrap}
}`;

const series = Array.from({ length: seriesColours }, (_, i) => `.series-${i}{--c:var(--s-${i})}`).join('');

/** The whole style of the page; both themes, narrow screens and paper. */
export const styleSheet = `:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
${series}${page}${chartRules}`;
