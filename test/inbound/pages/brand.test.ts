// The brand of our pages: colors that can be read, a logo that is inside, whom to ask.
import t from 'tap'
import fc from 'fast-check'
import { cards, contrastOf, createPalette, explainColor, shadeFor, typeOfPicture } from '../../../src/inbound/pages/brand.ts'
import { createPagesRoom } from '../../../src/inbound/pages/pages.ts'

const refusal = { status: 403, code: 'access.notAllowed', publicText: 'No.', requestId: 'AbC-1' }
const svg = { type: 'image/svg+xml', base64: Buffer.from('<svg/>').toString('base64') }

t.test('contrast is WCAG\'s', async t => {
  t.equal(contrastOf('#000000', '#ffffff'), 21)
  t.equal(contrastOf('#777777', '#ffffff').toFixed(2), '4.48')
  t.equal(contrastOf('#767676', '#ffffff').toFixed(2), '4.54')
})

t.test('a color that is hard to read is named, with a shade of it that is not', async t => {
  t.equal(explainColor('#767676', 'light'), undefined)
  t.equal(explainColor('#777777', 'light'), 'its contrast to the white of the page is 4.4:1, and the least is 4.5:1 (WCAG 2.2, 1.4.3); a darker shade of it that has it is #757575')
  t.match(explainColor('#1d4e89', 'dark'), /to the #182128 of the page is 1\.9:1.*a lighter shade of it that has it is #[0-9a-f]{6}/)
})

t.test('whatever the accent, buttons and links can be read, light and dark', async t => {
  const color = fc.integer({ min: 0, max: 0xffffff }).map(value => `#${value.toString(16).padStart(6, '0')}`)
  t.doesNotThrow(() => fc.assert(fc.property(color, any => {
    const { light, dark } = createPalette(shadeFor(any, 'light'), undefined)
    return contrastOf(light.accent, cards.light) >= 4.5 && contrastOf(dark.accent, cards.dark) >= 4.5 && [light, dark].every(({ accent, ink }) => contrastOf(accent, ink) >= 4.5)
  }), { numRuns: 2000 }))
})

t.test('the logo is in the page, beside the name or instead of it, and has a dark one', async t => {
  const beside = createPagesRoom({ look: { name: 'Harbor "Clinic"', logo: svg } }).speak('en').refusal(refusal)
  t.match(beside.body, `<p class="name"><img src="data:image/svg+xml;base64,${svg.base64}" alt=""><span>Harbor &quot;Clinic&quot;</span></p>`)
  t.match(beside.headers['content-security-policy'], /default-src 'none'; style-src 'sha256-[^']+'; img-src data:; form-action 'none'/, 'the policy stays as strict')
  const instead = createPagesRoom({ look: { name: 'Harbor', logo: svg, nameInLogo: true, logoDark: { type: 'image/png', base64: 'AA==' } } }).speak('en').refusal(refusal)
  t.match(instead.body, '<source media="(prefers-color-scheme: dark)" srcset="data:image/png;base64,AA==">')
  t.match(instead.body, 'alt="Harbor"></picture></p>')
})

t.test('whom to ask stands on every page; a letter names the request', async t => {
  const pagesOf = (address?: string) => createPagesRoom({ look: { contact: { text: 'IT service desk', ...(address === undefined ? {} : { address }) } } }).speak('en')
  t.match(pagesOf().confirmSignOut('').body, '<p>Help: IT service desk</p>')
  t.match(pagesOf('tel:555-0100').refusal(refusal).body, '<a href="tel:555-0100">IT service desk</a>')
  t.match(pagesOf('mailto:help@clinic.example').refusal(refusal).body, '<a href="mailto:help@clinic.example?subject=Request%20number%20AbC-1">')
  t.match(pagesOf('mailto:help@clinic.example').confirmSignOut('').body, '<a href="mailto:help@clinic.example">')
  t.match(pagesOf('mailto:help@clinic.example?subject=CRM').refusal(refusal).body, '<a href="mailto:help@clinic.example?subject=CRM">')
})

t.test('pictures are known by their first bytes', async t => {
  const cases: readonly (readonly [string | Buffer, string | undefined])[] = [
    [Buffer.from('89504e470d0a1a0a0000', 'hex'), 'image/png'],
    [Buffer.from('ffd8ffe000104a464946', 'hex'), 'image/jpeg'],
    ['RIFF\u0001\u0001\u0001\u0001WEBPVP8 ', 'image/webp'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
    ['<?xml version="1.0"?>\n<!-- by hand -->\n<!DOCTYPE svg>\n<svg>', 'image/svg+xml'],
    ['<html><svg>', undefined],
    ['GIF89a', undefined],
    ['', undefined],
  ]
  for (const [bytes, type] of cases) t.equal(typeOfPicture(Buffer.from(bytes as string)), type, String(type))
})
