/* Calls functions of Windows for a test that runs elsewhere.

   Listens on a port of 127.0.0.1, prints its number, and serves each connection by a thread of its own, which all
   calls of that connection are made on. A request is one octet and numbers of 8 octets, little-endian:

     'a' size                       -> address of fresh, zeroed memory
     'f' address                    -> 0
     'w' address size, octets       -> 0
     'r' address size               -> octets
     'c' library function count, count numbers -> the result, GetLastError()
         library and function are addresses of texts; at most 12 numbers

   It ends when its stdin does. */

#include <winsock2.h>
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

typedef unsigned long long number;
typedef number (*called)(number, number, number, number, number, number, number, number, number, number,
                         number, number);

static int take(SOCKET end, void *room, number size)
{
    char *at = room;
    while (size) {
        int got = recv(end, at, size > 65536 ? 65536 : (int)size, 0);
        if (got <= 0)
            return 0;
        at += got;
        size -= got;
    }
    return 1;
}

static int give(SOCKET end, const void *octets, number size)
{
    const char *at = octets;
    while (size) {
        int sent = send(end, at, size > 65536 ? 65536 : (int)size, 0);
        if (sent <= 0)
            return 0;
        at += sent;
        size -= sent;
    }
    return 1;
}

static int call(SOCKET end)
{
    number head[3], with[12] = {0}, answer[2];
    called function;
    if (!take(end, head, sizeof head) || head[2] > 12 || !take(end, with, head[2] * sizeof *with))
        return 0;
    function = (called)(void *)GetProcAddress(LoadLibraryA((const char *)head[0]), (const char *)head[1]);
    if (!function)
        return 0;
    SetLastError(0);
    answer[0] = function(with[0], with[1], with[2], with[3], with[4], with[5], with[6], with[7], with[8], with[9],
                         with[10], with[11]);
    answer[1] = GetLastError();
    return give(end, answer, sizeof answer);
}

static DWORD WINAPI serve(void *given)
{
    SOCKET end = (SOCKET)given;
    number head[2], answer;
    char what;
    while (take(end, &what, 1)) {
        if (what == 'c') {
            if (!call(end))
                break;
            continue;
        }
        if (!take(end, head, what == 'a' || what == 'f' ? 8 : 16))
            break;
        answer = 0;
        if (what == 'a')
            answer = (number)calloc(1, head[0]);
        else if (what == 'f')
            free((void *)head[0]);
        else if (what == 'w' && !take(end, (void *)head[0], head[1]))
            break;
        if (!(what == 'r' ? give(end, (void *)head[0], head[1]) : give(end, &answer, sizeof answer)))
            break;
    }
    closesocket(end);
    return 0;
}

static DWORD WINAPI listen_on(void *given)
{
    for (;;) {
        SOCKET end = accept((SOCKET)given, NULL, NULL);
        int yes = 1;
        if (end == INVALID_SOCKET)
            return 0;
        setsockopt(end, IPPROTO_TCP, TCP_NODELAY, (const char *)&yes, sizeof yes);
        CloseHandle(CreateThread(NULL, 0, serve, (void *)end, 0, NULL));
    }
}

int main(void)
{
    WSADATA data;
    struct sockaddr_in where = {0};
    int size = sizeof where;
    SOCKET door;
    WSAStartup(MAKEWORD(2, 2), &data);
    door = socket(AF_INET, SOCK_STREAM, 0);
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(door, (struct sockaddr *)&where, sizeof where) || listen(door, 16))
        return 1;
    getsockname(door, (struct sockaddr *)&where, &size);
    printf("%d\n", ntohs(where.sin_port));
    fflush(stdout);
    CloseHandle(CreateThread(NULL, 0, listen_on, (void *)door, 0, NULL));
    getchar();
    return 0;
}
