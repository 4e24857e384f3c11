// The prose chain on texts of other genres than clinical notes: each identifier is found as often as it must be, in every genre, and what is about nobody mostly stays.
import t from 'tap'
import { detect, redactText } from '../../src/phi/prose/chain.ts'
import { redactHtml } from '../../src/phi/prose/html.ts'
import { createRandom, evasions, leftOf, type Note, type Random } from '../support/phi-corpus.ts'
import { createGenreNote, genres, genresAboutNobody } from '../support/phi-genres.ts'
import { moreGenres } from '../support/phi-genres-more.ts'

const redact = (text: string): string => redactText(text)?.text ?? text
/** Of planted values of a kind, how many must be gone. */
const least: Readonly<Record<string, number>> = {
  name: 0.95,
  place: 0.85,
  address: 0.92,
  zip: 0.97,
  date: 0.995,
  age: 0.995,
  phone: 0.995,
  fax: 0.995,
  email: 0.995,
  ssn: 0.995,
  url: 0.995,
  ip: 0.995,
  mrn: 0.97,
  plan: 0.97,
  account: 0.97,
  licence: 0.97,
  device: 0.97,
}
const letterOrDigit = /[\p{L}\p{N}]/u
/** Neither an identifier nor worth keeping: titles, states beside a town, days of the week, the time beside a date. */
const neutral = /^(?:(?:mr|mrs|ms|dr|dra|sr|md|dds|esq|nurse|herr|frau|señora?|box|po|p|o|[a-z]{2}|(?:mon|tues|wednes|thurs|fri|satur|sun)day|at|am|pm|\d{1,2})[\s.,:]*)+$/i

interface Share { found: number, all: number }

/** Letters that were taken out, and those of them that belong to somebody. */
function countLetters ({ text, planted }: Note): Share {
  const isPlanted = new Uint8Array(text.length)
  for (const { value } of planted) for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) isPlanted.fill(1, at, at + value.length)
  const share = { found: 0, all: 0 }
  for (const { start, end } of detect(text, undefined)) {
    let wrong = ''
    for (let at = start; at < end; at++) {
      if (isPlanted[at] === 1 && letterOrDigit.test(text[at] as string)) { share.found += 1; share.all += 1 }
      wrong += isPlanted[at] === 1 ? ' ' : text[at]
    }
    if (!neutral.test(wrong.trim())) share.all += wrong.match(/[\p{L}\p{N}]/gu)?.length ?? 0
  }
  return share
}

for (const genre of [...genres, ...moreGenres]) {
  t.test(genre.name, async t => {
    const random = createRandom(31)
    const shares = new Map<string, Share & { missed: string }>()
    const letters = { found: 0, all: 0 }
    for (let round = 0; round < 500; round++) {
      const note = createGenreNote(random, genre)
      const out = redact(note.text)
      for (const planted of note.planted) {
        const share = shares.get(planted.kind) ?? { found: 0, all: 0, missed: '' }
        shares.set(planted.kind, share)
        share.all += 1
        if (leftOf(planted, note, out).length === 0) share.found += 1
        else share.missed = `${planted.value} of ${out}`
      }
      const { found, all } = countLetters(note)
      letters.found += found
      letters.all += all
    }
    t.ok(shares.size >= 4, 'identifiers of several kinds were planted')
    for (const [kind, { found, all, missed }] of shares) t.ok(found / all >= (least[kind] ?? 1), `${kind}: ${(100 * found / all).toFixed(1)} % of ${all}, ${missed}`)
    t.ok(letters.found / letters.all >= 0.9, `${(100 * letters.found / letters.all).toFixed(1)} % of what was taken out is somebody's`)
  })
}

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
/** As mail and web pages hide it from a reader of bytes. */
const pages: Readonly<Record<string, (text: string, random: Random) => string>> = {
  entities: text => [...text].map(letter => letterOrDigit.test(letter) ? `&#x${(letter.codePointAt(0) as number).toString(16)};` : escapeHtml(letter)).join(''),
  tags: (text, random) => [...text].map(letter => letterOrDigit.test(letter) && random.below(4) === 0 ? `<span>${letter}</span>` : letter === '\n' ? '<br>' : escapeHtml(letter)).join(''),
  comments: text => `<p>${escapeHtml(text).replace(/([a-z0-9])([a-z0-9])(?![a-z]*;)/gi, '$1<!-- x -->$2')}</p>`,
  attributes: text => `<p>ok</p><img alt="${escapeHtml(text)}"><svg><text>${escapeHtml(text)}</text></svg>`,
}

const decode = (text: string) => text.replace(/<br>/g, '\n').replace(/<[^>]*>/g, '').replace(/&#(x?)([0-9a-f]+);/gi, (_whole, x: string, digits: string) => String.fromCodePoint(Number.parseInt(digits, x === '' ? 10 : 16)))
  .replace(/%([0-9a-f]{2})/gi, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))).normalize('NFKC').replace(/[\p{Default_Ignorable_Code_Point}\p{Mn}]/gu, '')

t.test('every genre in every disguise', async t => {
  const hidden = [...Object.entries(evasions).map(([name, hide]) => ({ name, hide, work: redactText })), ...Object.entries(pages).map(([name, hide]) => ({ name: `HTML ${name}`, hide, work: redactHtml }))]
  for (const { name, hide, work } of hidden) {
    const random = createRandom(37)
    const [share, names] = [{ found: 0, all: 0 }, { found: 0, all: 0 }]
    for (const genre of genres) {
      for (let round = 0; round < 20; round++) {
        const note = createGenreNote(random, genre)
        const text = hide(note.text, random)
        const out = decode(work(text)?.text ?? text)
        for (const planted of note.planted) {
          // Names and places are found less often than the rest, disguised or not.
          const counted = ['name', 'place'].includes(planted.kind) ? names : share
          counted.all += 1
          if (leftOf(planted, note, out).length === 0) counted.found += 1
        }
      }
    }
    t.ok(share.all > 400 && share.found / share.all >= 0.99, `${name}: ${(100 * share.found / share.all).toFixed(1)} % of ${share.all}`)
    t.ok(names.found / names.all >= 0.95, `${name}, names and places: ${(100 * names.found / names.all).toFixed(1)} %`)
  }
})

t.test('what is about nobody stays', async t => {
  const touched = genresAboutNobody.filter(text => redact(text) !== text)
  t.ok(genresAboutNobody.length >= 70)
  t.ok(touched.length <= genresAboutNobody.length * 0.05, touched.map(redact).join('\n'))
})

t.test('what a machine wrote down of what was said', async t => {
  t.equal(redact('call me at five five five oh one double oh'), 'call me at [phone]')
  t.equal(redact('my social is nine zero zero, fifty five, zero one zero one ok'), 'my social is [ssn] ok')
  t.equal(redact('born on March third nineteen sixty one'), 'born on [date]')
  t.equal(redact('she is ninety two years old'), 'she is [age] years old')
  t.equal(redact('take one or two, then three a day for four days'), 'take one or two, then three a day for four days')
  t.equal(redact('ratios 1 2 3 4 5 6 7 but call 5 5 5 0 1 0 0'), 'ratios 1 2 3 4 5 6 7 but call [redacted]')
})

t.test('names of files, addresses that were taken apart, and what is packed into a text', async t => {
  t.equal(redact('see D:\\scans\\jane.roe\\scan.pdf or IMG_janeroe_1980.jpg'), 'see [redacted] or [redacted]')
  t.equal(redact('see intake_form_v2.pdf and report.csv'), 'see intake_form_v2.pdf and report.csv')
  t.equal(redact('write to jane @ x . example or jane [@] x.example'), 'write to [email] or [email]')
  t.equal(redact('hxxp://x[.]example/janeroe and x[.]example/janeroe'), '[url] and [url]')
  t.equal(redact('900:55:0101 and 900*55*0101'), '[ssn] and [ssn]')
  for (const inner of ['Jane Roe', 'Jane Roe, a patient of ours', 'call 555-0100 please']) {
    t.notMatch(redact(`see ${Buffer.from(inner).toString('base64')} there`), new RegExp(Buffer.from(inner).toString('base64').slice(0, 8)), inner)
    t.notMatch(redact(`see ${Buffer.from(inner).toString('base64url')} there`), new RegExp(Buffer.from(inner).toString('base64').slice(0, 8)), inner)
  }
  t.equal(redact('paid with PayPal, seen on YouTube'), 'paid with PayPal, seen on YouTube')
})
