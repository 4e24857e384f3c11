// Redis is in one place, reached in one way.
import t from 'tap'
import { baseYaml, createWorkspace } from './workspace.ts'

t.test('one server, Sentinels or a Cluster', async t => {
  const workspace = await createWorkspace()
  t.teardown(() => { workspace.remove() })
  const lines = async (redis: string) => (await workspace.load(`${baseYaml}  redis: ${redis}\n`)).lines
  for (const redis of [
    '{ url: redis://127.0.0.1:6379/0 }', '{ url: unix:///run/redis.sock }', '{ sentinel: { name: mymaster, addresses: [redis://127.0.0.1:26379] } }',
    '{ cluster: { addresses: [redis://127.0.0.1:7000, redis://127.0.0.1:7001] } }', '{ cluster: { addresses: [\'rediss://redis-1.example:6379\'] } }',
  ]) t.same(await lines(redis), [], redis)
  t.match(await lines('{ username: sallyport }'), [/audit\.redis says no address: add url, sentinel or cluster\.$/])
  t.match(await lines('{ url: redis://127.0.0.1:6379/0, cluster: { addresses: [redis://127.0.0.1:7000] } }'), [/audit\.redis has url and cluster: keep one of them\.$/])
  t.match(await lines('{ cluster: { addresses: [] } }'), [/audit\.redis\.cluster\.addresses/])
  t.match(await lines('{ sentinel: { name: mymaster, addresses: [\'redis://user:secret@127.0.0.1:26379\'] } }'), [/audit\.redis\.sentinel\.addresses\[0\] cannot be used: write redis:\/\/host:port/])
  t.match(await lines('{ cluster: { addresses: [\'rediss://redis-1.example:6379\', \'redis://127.0.0.1:6379\'] } }'), [/audit\.redis\.cluster\.addresses has addresses with TLS and without: write rediss:\/\/ for all of them\.$/])
})
