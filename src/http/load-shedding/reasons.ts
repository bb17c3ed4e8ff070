/**
 * `concurrency`: the requests in flight. `body_bytes`: the bytes of their bodies. `header_lines`: a request with too
 * many lines of headers.
 */
export type RejectReason = 'concurrency' | 'body_bytes' | 'header_lines';

/**
 * `half_sent`: the request whose body has been incomplete for longest. `unread`: the client that has read nothing for
 * longest. `idle`: the oldest connection without a request. `pipelined`: a connection with more than 100 open requests,
 * or with a chunked body behind another request. Over the limit of all connections, it is the one that has waited
 * longest for a response. `chunks`: a body with more than 10,000 chunks. `inactive`: a client with an open request that
 * neither sends nor reads for 12 s. `slow_response`: a client that has not read a response within 30 s.
 */
export type CloseReason = 'half_sent' | 'unread' | 'idle' | 'pipelined' | 'chunks' | 'inactive' | 'slow_response';
