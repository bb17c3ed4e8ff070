/**
 * Matches the codes of postgres.js, Node and our query timeouts for a connection that is lost, missing or not accepted.
 * Their number is bounded: neither the server nor a client chooses their text.
 */
export const CONNECTION_CODE =
  /^(CONNECTION_(CLOSED|DESTROYED|ENDED)|(CONNECT|QUERY)_TIMEOUT|ECONN(ABORTED|REFUSED|RESET)|EHOST(DOWN|UNREACH)|ENET(DOWN|RESET|UNREACH)|ENOTFOUND|EPIPE|ETIMEDOUT|EAI_[A-Z]{1,20}|(ERR_(SSL|TLS)|UNABLE_TO|CERT|SELF_SIGNED|DEPTH_ZERO)_[A-Z0-9_/]{1,60})$/;
