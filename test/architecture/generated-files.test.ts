// Generated files say what the sources say.
import t from 'tap'
import { generateAll } from '../../scripts/generate.ts'
import { read } from './sources.ts'

t.test('generated files are up to date', async t => {
  for (const [file, text] of Object.entries(await generateAll())) t.equal(read(file), text, `${file}: run npm run generate when it differs`)
})
