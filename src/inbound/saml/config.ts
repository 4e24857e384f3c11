// SAML 2.0 sign-in.
import { Duration, FilePath, Optional, Secret, Section, Type, type Static } from '../../shared/schema.ts'

const Certificates = Type.Array(FilePath({ description: 'PEM file.' }), { minItems: 1, description: 'The IdP\'s signing certificates; several while it rolls its key over.' })
const Url = (description: string) => Type.String({ format: 'web-url', description })

export const SamlConfig = Section({
  entityId: Optional(Type.String({ minLength: 1, description: 'Our name at the IdP. Default: <publicUrl>/_sallyport/saml/metadata' })),
  idp: Type.Union([
    Section({ metadataFile: FilePath({ description: 'The IdP\'s metadata as a file; read again when it changes.' }) }, { description: 'The IdP by its metadata file.' }),
    Section({
      metadataUrl: Url('The IdP\'s metadata by https; fetched at start and every refresh.'),
      refresh: Duration({ default: '1h', description: 'How often it is fetched again. A failed fetch keeps the last good one.' }),
      pin: Optional(Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'SHA-256 of the certificate that signs the metadata; when given, a signature is required.' })),
      authority: Optional(FilePath({ description: 'PEM file with the authority of the metadata server, when it is a private one.' })),
    }, { description: 'The IdP by the address of its metadata.' }),
    Section({
      entityId: Type.String({ minLength: 1, description: 'The IdP\'s entity id.' }),
      signOnUrl: Url('Where people sign in.'),
      logoutUrl: Optional(Url('Single logout address.')),
      certificates: Certificates,
    }, { description: 'The IdP by its parts.' }),
  ], { description: 'The identity provider.' }),
  binding: Type.Union([Type.Literal('redirect'), Type.Literal('post')], { default: 'redirect', description: 'How the request for sign-in travels.' }),
  signing: Optional(Section({
    key: Secret({ description: 'PEM private key that signs our requests.' }),
    certificate: FilePath({ description: 'PEM certificate that goes into our metadata.' }),
  }, { description: 'Sign our requests (RSA-SHA256).' })),
  decryption: Type.Array(Section({
    key: Secret({ description: 'PEM private key.' }),
    certificate: FilePath({ description: 'PEM certificate that goes into our metadata.' }),
  }, { description: 'One key.' }), { default: [], description: 'Keys for encrypted assertions; the first goes into our metadata, the others still open old ones while keys roll over.' }),
  requireEncryptedAssertions: Type.Boolean({ default: false, description: 'Refuse assertions that are not encrypted.' }),
  attributes: Section({
    id: Optional(Type.String({ minLength: 1, description: 'Attribute with the person\'s lasting id. Default: the NameID.' })),
    name: Type.String({ default: 'displayName', description: 'Attribute with the person\'s name.' }),
    email: Type.String({ default: 'mail', description: 'Attribute with the e-mail address.' }),
    groups: Type.String({ default: 'groups', description: 'Attribute with the groups.' }),
  }, { default: {}, description: 'Names of the attributes in the assertion.' }),
  authnContext: Type.Array(Type.String({ minLength: 1 }), { default: [], description: 'Kinds of sign-in that are strong enough (AuthnContextClassRef), for instance a second factor. Asked for, and checked in the answer. Empty: any.' }),
  clockSkew: Duration({ default: '60s', description: 'How far the IdP\'s clock may be off; at most 5m.' }),
  freshSignIn: Type.Union([Type.Literal('require'), Type.Literal('ask'), Type.Literal('off')], {
    default: 'require',
    description: 'After an idle or absolute end, a sign-out or a refused role the IdP is asked to sign the person in anew (ForceAuthn): require checks that it did, ask trusts it, off lets one click go on.',
  }),
  maxAuthenticationAge: Optional(Duration({ description: 'Refuse a sign-in at the IdP that is older than this.' })),
}, { description: 'SAML 2.0 service provider.' })
export type SamlConfig = Static<typeof SamlConfig>

export const SignInConfig = Section({ saml: SamlConfig }, { description: 'How people prove who they are.' })
export type SignInConfig = Static<typeof SignInConfig>
