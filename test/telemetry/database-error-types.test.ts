import { isConnectionLost } from '../../src/db/errors.ts';
import { sqlErrorType } from '../../src/telemetry/database-metrics.ts';
import { describe, expect, it } from '../support/fixtures.ts';

const withCode = (code: unknown) => Object.assign(new Error('failed'), { code });

describe('the error type of a failed connection', () => {
  it.for([
    ...['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED', 'CONNECT_TIMEOUT', 'QUERY_TIMEOUT'],
    ...['EAI_FAIL', 'ECONNABORTED', 'EHOSTDOWN', 'ENETDOWN', 'ENETRESET'],
    ...['EAI_AGAIN', 'ENOTFOUND', 'ENETUNREACH', 'EHOSTUNREACH', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'],
    ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
    ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ...['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'],
  ])('%s is its code', (code) => {
    expect(isConnectionLost(withCode(code))).toBe(true);
    expect(sqlErrorType(withCode(code))).toBe(code);
  });

  it.for([
    ...['EUNKNOWN', 'ECONNECTED', 'CONNECTION_X', 'CERT_', `CERT_${'X'.repeat(61)}`, 'cert_has_expired'],
    ...[7, undefined],
  ])('%j is other', (code) => {
    expect(sqlErrorType(withCode(code))).toBe('other');
    expect(isConnectionLost(withCode(code))).toBe(false);
  });
});
