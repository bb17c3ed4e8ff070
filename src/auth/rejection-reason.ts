import { errors } from 'jose';

/** Why a token is rejected, for logs and metrics; it contains nothing of the token. */
export type RejectionReason =
  | 'algorithm'
  | 'audience'
  | 'claims'
  | 'expired'
  | 'issued_at'
  | 'issuer'
  | 'malformed'
  | 'not_before'
  | 'other'
  | 'scheme'
  | 'signature'
  | 'unknown_key';

const REASONS_BY_CODE: Readonly<Record<string, RejectionReason>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'algorithm',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'unknown_key',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown_key',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWT_INVALID: 'malformed',
};
const REASONS_BY_CLAIM: Readonly<Record<string, RejectionReason>> = {
  aud: 'audience',
  iat: 'issued_at',
  iss: 'issuer',
  nbf: 'not_before',
};

/** Returns the reason of an error of the verification; `other` for a key that is not usable. */
export function rejectionReasonOf(error: unknown): RejectionReason {
  if (error instanceof errors.JWTClaimValidationFailed) return REASONS_BY_CLAIM[error.claim] ?? 'claims';
  return (error instanceof errors.JOSEError ? REASONS_BY_CODE[error.code] : undefined) ?? 'other';
}
