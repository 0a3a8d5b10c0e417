/* Taking a connection's socket away from the HTTP server, which has no function for that. */
#ifndef SLUICE_API_HTTP_SOCKET_H
#define SLUICE_API_HTTP_SOCKET_H

/* The socket of the connection between this process and a peer, by the server's port and the peer's address as text and
 * port. The server's descriptor then leads to a socket without a connection, which it may close. -1 when there is none. */
int http_socket_take(int server_port, const char *peer_address, int peer_port);

/* A descriptor of the same connection, which stays the server's: to see its end. The caller closes it; -1: there is none. */
int http_socket_copy(int server_port, const char *peer_address, int peer_port);

#endif
