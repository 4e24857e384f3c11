// The look of our pages: one style sheet inside each page, allowed by its hash. It asks for nothing from outside.
// Contrast is at least 4.5:1 for text and 3:1 for borders and focus, light and dark (WCAG 2.2, 1.4.3, 1.4.11, 2.4.13).
import { cards, type Colors, type Palette } from './brand.ts'

const keys = ({ accent, ink }: Colors) => `--key:${accent};--key-ink:${ink}`

export function createStyle ({ light, dark }: Palette): string {
  return `
:root{color-scheme:light dark;--paper:#eef1f4;--card:${cards.light};--ink:#17212b;--soft:#4d5b69;--line:#d5dce3;--edge:#7a8794;${keys(light)};--stone:#c9d2da}
@media (prefers-color-scheme:dark){:root{--paper:#0f1519;--card:${cards.dark};--ink:#e8eef2;--soft:#a6b4c0;--line:#2b3842;--edge:#7f8f9c;${keys(dark)};--stone:#33424d}}
*{box-sizing:border-box}
html{font:100%/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;justify-content:safe center;padding:1.5rem 1rem}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-top:.3rem solid var(--key);border-radius:0 0 .75rem .75rem;padding:clamp(1.5rem,6vw,2.5rem);overflow-wrap:anywhere}
.name{display:flex;flex-wrap:wrap;align-items:center;gap:.65rem;margin:0 0 1.75rem;color:var(--soft);font-weight:600}
.name svg{width:2rem;height:2rem;flex:none}
.name img{display:block;height:2.5rem;max-width:100%;object-fit:contain}
h1{font-size:clamp(1.4rem,1.2rem + 1.2vw,1.7rem);line-height:1.2;letter-spacing:-.012em;margin:0 0 .75rem;text-wrap:balance}
p{margin:0 0 .9rem;max-width:60ch}
form,.act{margin:1.6rem 0 0;display:flex;flex-wrap:wrap;gap:.75rem}
.key,.plain{font:inherit;font-weight:600;min-height:2.9rem;padding:.6rem 1.35rem;border-radius:.5rem;display:inline-flex;align-items:center;justify-content:center;text-align:center;text-decoration:none;cursor:pointer}
.key{background:var(--key);color:var(--key-ink);border:1px solid var(--key)}
.plain{background:none;color:var(--ink);border:1px solid var(--edge)}
.key:hover,.plain:hover{text-decoration:underline;text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--key);outline-offset:3px}
dl{margin:0;font-size:.9rem;display:grid;grid-template-columns:auto 1fr;gap:.25rem 1.25rem}
dt{color:var(--soft)}
dd{margin:0}
.offer{margin:1.25rem 0 0;padding:1.25rem;border:1px solid var(--line);border-radius:.5rem}
.offer form{margin-top:1.25rem}
.foot{margin:2rem 0 0;padding:1rem 0 0;border-top:1px solid var(--line);color:var(--soft);font-size:.9rem}
.foot p{margin:.75rem 0 0}
.foot p:first-child{margin:0}
.foot a{color:var(--key);display:inline-block;padding:.2rem 0}
code{font:.95em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--ink);user-select:all}
@media (max-width:24rem){.key,.plain{width:100%}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}.offer{padding:1rem}}
@media print{main{border:0}.act,form{display:none}}
`
}
