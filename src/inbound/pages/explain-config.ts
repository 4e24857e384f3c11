// What the schema cannot say about the section `pages`: whether its colors can be read. It reads no files.
import { explainColor } from './brand.ts'
import type { PagesConfig } from './config.ts'
import { englishRefusals } from './english-refusals.ts'

/** Codes whose sentence a table of texts may have. */
export function listRefusals (): readonly string[] {
  return Object.keys(englishRefusals)
}

export function explainPagesConfig ({ accent, accentDark, logo, logoDark, nameInLogo }: PagesConfig): readonly { readonly path: string, readonly message: string }[] {
  const [light, dark] = [accent === undefined ? undefined : explainColor(accent, 'light'), accentDark === undefined ? undefined : explainColor(accentDark, 'dark')]
  return [
    ...(light === undefined ? [] : [{ path: 'accent', message: light }]),
    ...(dark === undefined ? [] : [{ path: 'accentDark', message: dark }]),
    ...(logoDark !== undefined && logo === undefined ? [{ path: 'logoDark', message: 'there is no logo for screens that are not dark; write pages.logo too' }] : []),
    ...(nameInLogo && logo === undefined ? [{ path: 'nameInLogo', message: 'there is no logo that could show the name; write pages.logo, or leave this out' }] : []),
  ]
}
