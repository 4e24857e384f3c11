// What a browser is told to forget when a session is over: everything that the CRM's pages left in it but cookies, of which it knows no single ones; ours are taken away one
// by one (W3C Clear Site Data). A browser that does not know the field has only what was allowed to be kept in the first place.

/** Fields of an answer that ends a session. */
export const forgettingHeaders = { 'clear-site-data': '"cache", "storage"' } as const
