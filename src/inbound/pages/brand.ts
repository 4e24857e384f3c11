// The colors and the picture of our pages: what an operator sets, held against WCAG 2.2, and shades for what was left open. It reads no files.

/** What buttons, focus and the mark are drawn with. */
export interface Colors { readonly accent: string, readonly ink: string }
export interface Palette { readonly light: Colors, readonly dark: Colors }

/** The card that everything stands on, light and dark. */
export const cards = { light: '#ffffff', dark: '#182128' } as const
const usual: Palette = { light: { accent: '#1b5e50', ink: '#ffffff' }, dark: { accent: '#7fd1bd', ink: '#06231c' } }
const inks = ['#ffffff', '#0c1519'] as const

/** For text of any size (WCAG 2.2, 1.4.3). */
export const leastContrast = 4.5

const channels = (color: string) => [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16)) as [number, number, number]

function luminance (color: string): number {
  const [red, green, blue] = channels(color).map(value => value / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG's contrast ratio of two colors, `#rrggbb`: 1 to 21. */
export function contrastOf (one: string, other: string): number {
  const [bright, dim] = [luminance(one), luminance(other)].sort((left, right) => right - left) as [number, number]
  return (bright + 0.05) / (dim + 0.05)
}

/** What is chosen here and not by the operator has more than the least, so that thin links are easy to read. */
const ampleContrast = 7

/** The nearest shade of a color towards white or black that has the contrast to a card. */
export function shadeFor (color: string, card: keyof typeof cards, least = leastContrast): string {
  const target = card === 'light' ? 0 : 255
  for (let step = 0; step <= 50; step += 1) {
    const shade = `#${channels(color).map(value => Math.round(value + (target - value) * step / 50).toString(16).padStart(2, '0')).join('')}`
    if (contrastOf(shade, cards[card]) >= least) return shade
  }
  return inks[card === 'light' ? 1 : 0]
}

const inkOn = (color: string) => contrastOf(color, inks[0]) >= contrastOf(color, inks[1]) ? inks[0] : inks[1]
const colorsOf = (accent: string): Colors => ({ accent, ink: inkOn(accent) })

/** `accent` and `accentDark` as checked. */
export function createPalette (accent: string | undefined, accentDark: string | undefined): Palette {
  return {
    light: accent === undefined ? usual.light : colorsOf(accent),
    dark: accentDark !== undefined ? colorsOf(accentDark) : accent === undefined ? usual.dark : colorsOf(shadeFor(accent, 'dark', ampleContrast)),
  }
}

/** What is wrong with a color on its card, or undefined. It ends a sentence about the setting. */
export function explainColor (color: string, card: keyof typeof cards): string | undefined {
  const contrast = contrastOf(color, cards[card])
  if (contrast >= leastContrast) return undefined
  const shade = shadeFor(color, card)
  // Rounded down: 4.49 is not 4.5.
  const said = (Math.floor(contrast * 10) / 10).toFixed(1)
  return `its contrast to the ${card === 'light' ? 'white' : `${cards.dark}`} of the page is ${said}:1, and the least is 4.5:1 (WCAG 2.2, 1.4.3); a ${card === 'light' ? 'darker' : 'lighter'} shade of it that has it is ${shade}`
}

export interface Logo { readonly type: string, readonly base64: string }

export const largestLogo = 32 * 1024

/** What kind of picture the bytes are; undefined when it is none that pages take. */
export function typeOfPicture (bytes: Buffer): string | undefined {
  const start = bytes.subarray(0, 12).toString('latin1')
  if (start.startsWith('\u0089PNG\r\n')) return 'image/png'
  if (start.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg'
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp'
  return /^\uFEFF?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(bytes.toString('utf8')) ? 'image/svg+xml' : undefined
}
