// Tables of texts: which one a browser gets, what is wrong with one, and what becomes of a text that is not there.
import t from 'tap'
import { chooseLanguage } from '../../../src/inbound/pages/choose-language.ts'
import { explainTexts, createPagesRoom, listRefusals, missingTexts } from '../../../src/inbound/pages/pages.ts'
import { createTexts } from '../../../src/inbound/pages/texts.ts'
import { arabic, readShipped } from '../../support/shipped-texts.ts'

const refusal = { status: 403, code: 'access.notAllowed', publicText: 'Your role does not allow this.', requestId: 'AbC' }
const spoken = createPagesRoom({ tables: [readShipped('de'), readShipped('es'), arabic] })

t.test('a browser gets the first of its languages that is there', async t => {
  const there = ['en', 'de', 'pt-BR', 'es']
  const cases: readonly (readonly [field: string | undefined, language: string])[] = [
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['DE-at', 'de'],
    ['fr, es;q=0.8, de;q=0.9', 'de'],
    ['fr-CA, fr', 'en'],
    ['pt', 'pt-BR'],
    ['pt-PT, es', 'pt-BR'],
    ['de;q=0, es', 'es'],
    ['*', 'en'],
    ['de;q=2', 'en'],
    ['de;q=0.5;level=1, es;q=0.1', 'es'],
    ['<script>, es', 'es'],
    [`${'x, '.repeat(200)}de`, 'en'],
  ]
  for (const [field, language] of cases) t.equal(chooseLanguage(field, there, 'en'), language, field?.slice(0, 40) ?? 'none')
  t.equal(chooseLanguage('fr', there, 'es'), 'es', 'the operator\'s choice for everybody else')
})

t.test('the tables that are shipped say everything, and nothing that there is not', async t => {
  for (const name of ['en', 'de', 'es']) {
    const table = readShipped(name)
    t.equal(table.language, name)
    t.same(explainTexts(table), [], name)
    t.same(missingTexts(table, listRefusals()), [], name)
  }
})

t.test('a page is in the language of its reader, and says so', async t => {
  const german = spoken.speak('de-CH, de;q=0.9, en;q=0.5').refusal(refusal)
  t.match(german.body, /<html lang="de" dir="ltr">[^]*<h1>Das ist für Sie nicht freigegeben<\/h1>[^]*Ihre Rolle erlaubt das nicht\.[^]*Anfragenummer/)
  t.match(german.headers, { 'content-language': 'de', vary: 'Accept-Language' })
  t.match(spoken.speak('es').signedOut('idle', true).body, 'No hubo actividad durante 15 minutos, por eso')
  t.match(spoken.speak('de').unsent([{ id: 'k', method: 'POST', href: '/x', at: 0, endsAt: 600_000, bytes: 1840, fields: [{ name: 'a', count: 2 }], files: 0, isCut: false }]).body, /01\.01\.1970, 00:00 UTC<\/time>, aufbewahrt bis 00:10[^]*a \(2-mal\)[^]*2 kB/)
  t.match(JSON.parse(spoken.problem(refusal).body), { title: 'This is not open to you', detail: 'Your role does not allow this.' }, 'programs read English')
})

t.test('codes that say the same in English need one translation', async t => {
  const replayed = (code: string) => /<p>(.*?)<\/p>/.exec(spoken.speak('de').refusal({ ...refusal, code, publicText: 'x' }).body.split('</h1>')[1] ?? '')?.[1]
  t.equal(replayed('saml.audience'), 'Die Antwort des Anmeldedienstes wurde nicht angenommen; sagen Sie es der Administration, die den Grund unter der Nummer dieser Seite findet.')
  t.equal(replayed('saml.audience'), replayed('saml.tooLarge'))
  t.equal(replayed('x.y'), '<span lang="en" dir="ltr">x</span>', 'a code that no table knows')
})

t.test('what is left out is English and marked as such; a language that runs the other way is written so', async t => {
  const page = spoken.speak('ar').signedOut('idle', true).body
  t.match(page, '<html lang="ar" dir="rtl">')
  t.match(page, /<p>لم يحدث شيء لمدة 15 دقيقة/, 'numbers and units too')
  t.match(page, '<p><span lang="en" dir="ltr">What you had saved is safe. Sign in again to go on.</span></p>')
  t.equal(createTexts({ language: 'ar', direction: 'ltr' }).direction, 'ltr', 'the operator may say otherwise')
})

t.test('a table of English takes the place of the built-in one, as far as it goes', async t => {
  const room = createPagesRoom({ tables: [{ language: 'en', titles: { forbidden: 'Not for you' } }] })
  t.match(room.speak(undefined).refusal(refusal).body, '<h1>Not for you</h1>')
  t.match(room.speak(undefined).confirmSignOut('').body, '<h1>Sign out?</h1>')
  t.notMatch(room.speak('en-US').confirmSignOut('').body, '<span lang')
})

t.test('values that are missing, unknown, or of no language', async t => {
  const mistakes = explainTexts({ language: 'not a language', signedOut: { idleText: 'Nothing happened.', saved: '{all} is safe.' }, unsent: { kept: '{time} {ende}' }, refusals: { 'session.idle': 'Since {time}.' } })
  t.same(mistakes.map(({ message }) => message), [
    'language is no name of a language: write it as BCP 47 does, as de or pt-BR.',
    'signedOut.idleText lacks {duration}: write it where the value is to stand. In English: Nothing was done for {duration}, so your session was closed. Nobody can go on with it.',
    'signedOut.saved has {all}, which nothing fills in. This text has no values.',
    'unsent.kept lacks {end}: write it where the value is to stand. In English: {time}, kept until {end}',
    'unsent.kept has {ende}, which nothing fills in. There is {time}, {end}.',
    'refusals.session.idle has {time}, which nothing fills in. This text has no values.',
  ])
})

t.test('a text and a value stay text, whatever they are', async t => {
  const room = createPagesRoom({ tables: [{ language: 'de', signOut: { who: '<b>{person}</b> & {person}', title: '</title><script>' } }] })
  const page = room.speak('de').confirmSignOut('<i>{text}</i>').body
  t.match(page, '&lt;b&gt;<strong><bdi>&lt;i&gt;{text}&lt;/i&gt;</bdi></strong>&lt;/b&gt; &amp; <strong>')
  t.match(page, '<title>&lt;/title&gt;&lt;script&gt; · Sallyport</title>')
  t.notMatch(page, '<script>')
})
