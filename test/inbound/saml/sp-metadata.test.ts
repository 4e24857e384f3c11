// Our metadata, as another implementation reads it.
import samlify from 'samlify'
import t from 'tap'
import { createKeyPair } from '../../support/key-pair.ts'
import { openBench, ownKey } from '../../support/saml-room.ts'

const [idp, signing, encryption, older] = await Promise.all([createKeyPair('idp.example'), createKeyPair('sign.example'), createKeyPair('encrypt.example'), createKeyPair('older.example')])
const bare = (pem: string) => pem.replace(/-----[A-Z ]+-----|\s/g, '')

t.test('names, addresses and certificates', async t => {
  const bench = await openBench({
    idpPairs: [idp],
    config: directory => ({ entityId: 'urn:clinic:"crm"&co', signing: ownKey(signing, directory, 'signing'), decryption: [ownKey(encryption, directory, 'new'), ownKey(older, directory, 'old')] }),
  })
  t.teardown(() => bench.stop())
  const read = samlify.SPMetadata(bench.room.metadata())
  t.equal(read.getEntityID(), 'urn:clinic:"crm"&co')
  t.equal(read.getAssertionConsumerService('post'), 'https://crm.example/_sallyport/saml/acs')
  t.equal(read.getSingleLogoutService('redirect'), 'https://crm.example/_sallyport/saml/slo')
  t.equal(read.getSingleLogoutService('post'), 'https://crm.example/_sallyport/saml/slo')
  t.equal(read.isWantAssertionsSigned(), true)
  t.equal(read.isAuthnRequestSigned(), true)
  t.equal(read.getX509Certificate('signing'), bare(signing.certificatePem))
  t.equal(read.getX509Certificate('encryption'), bare(encryption.certificatePem))
  t.notMatch(bench.room.metadata(), 'PRIVATE')
  t.notMatch(bench.room.metadata(), bare(older.certificatePem))
})

t.test('without keys it shows none, and our name is its address', async t => {
  const bench = await openBench({ idpPairs: [idp] })
  t.teardown(() => bench.stop())
  t.notMatch(bench.room.metadata(), 'KeyDescriptor')
  t.equal(samlify.SPMetadata(bench.room.metadata()).getEntityID(), 'https://crm.example/_sallyport/saml/metadata')
})
