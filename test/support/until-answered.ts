/** Repeats a request that may be repeated while a busy machine takes longer for it than a time limit of the service. */
export async function untilAnswered<Response extends { status: number }>(
  send: () => Promise<Response>,
): Promise<Response> {
  for (;;) {
    const response = await send();
    if (response.status !== 503) return response;
  }
}
