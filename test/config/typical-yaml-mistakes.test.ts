// What goes wrong while typing YAML: the cause is told once, at its line. What the parser says after a first mistake mostly comes of it.
import t from 'tap'
import { createWorkspace } from './workspace.ts'

const workspace = await createWorkspace()
t.teardown(() => { workspace.remove() })

const clinic = `access:
  profile: espocrm
  timeZone: America/Chicago
  roles:
    nurse: { groups: [nurses], allow: ['* /**'] }
  rules:
    - { effect: deny, records: [patient] }
    - { effect: allow, roles: [nurse] }
masking:
  rules:
    - fields: ['**.ssn']
`

const inQuotes = 'A text with braces or brackets needs quotes around it'
const told: readonly (readonly [name: string, from: string, to: string, lines: readonly string[]])[] = [
  ['a route with {id} and no quotes', '  rules:\n    - {', '  records:\n    - { route: GET /visits/{id}, type: visit, kind: read }\n  rules:\n    - {', [`7:28  ${inQuotes}, as 'GET /patients/{id}'.`]],
  ['a route with {id} and no quotes, at the end of a section', '  rules:\n    - {', '  records:\n    - { type: visit, kind: read, route: GET /visits/{id} }\n  rules:\n    - {', [`7:53  ${inQuotes}, as 'GET /patients/{id}'.`]],
  ['an item that stands too far left', '    - { effect: allow', '   - { effect: allow', ['8:4  This line begins in column 4, and what it could belong to above begins in column 1, 3, 5 or 7: count the spaces.']],
  ['a section that stands too far left', '  rules:\n    - { effect', ' rules:\n    - { effect', ['6:2  This line begins in column 2, and what it could belong to above begins in column 1, 3 or 5: count the spaces.']],
  ['a setting that stands too far right', '  timeZone', '    timeZone', ['3:5  This line begins further right than the one above, which has its value already: begin both in the same column.']],
  ['a tab', '  timeZone', '\ttimeZone', ['3:1  A tab indents this line: use spaces.']],
  ['two tabs', '  timeZone: America/Chicago\n  roles', '\ttimeZone: America/Chicago\n\troles', ['3:1  A tab indents this line: use spaces.', '4:1  A tab indents this line: use spaces.']],
  ['a star without quotes', "['* /**']", '[ * /** ]', ['5:41  A text that begins with * or & needs quotes around it, as \'* /**\'; without them it is an alias, and there is none of this name.']],
  ['a field without quotes', "['**.ssn']", '[**.ssn]', ['11:16  A text that begins with * or & needs quotes around it, as \'* /**\'; without them it is an alias, and there is none of this name.']],
  ['no blank behind the colon', 'profile: espocrm', 'profile:espocrm', ['2:11  A blank is missing here, behind the colon: name: value.']],
  ['a quote that is not closed', "'**.ssn'", "'**.ssn", ['11:16  The quote that is opened here is not closed on this line.']],
  ['a bracket that is not closed', 'roles: [nurse] }', 'roles: [nurse }', ['8:31  The [ that is opened here is not closed by ].']],
]

t.test('the text is YAML as it stands', async t => {
  t.notMatch((await workspace.load(clinic)).lines.join('\n'), /YAML|indent|quote|column/)
})

for (const [name, from, to, lines] of told) {
  t.test(name, async t => {
    if (!clinic.includes(from)) throw new Error(`${from} is not in the text`)
    t.same((await workspace.load(clinic.replace(from, () => to))).lines, lines)
  })
}
