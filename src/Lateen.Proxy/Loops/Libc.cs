using System.Runtime.InteropServices;

namespace Lateen.Proxy.Loops;

#pragma warning disable SYSLIB1054, CA1707, SA1300 // names are libc's own

/// <summary>The Linux system calls of the event loop; names, arguments and results are libc's.</summary>
internal static unsafe partial class Libc
{
    public const int EPOLL_CLOEXEC = 0x80000;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const uint EPOLLIN = 0x1;
    public const uint EPOLLOUT = 0x4;
    public const uint EPOLLERR = 0x8;
    public const uint EPOLLHUP = 0x10;
    public const uint EPOLLRDHUP = 0x2000;
    public const uint EPOLLEXCLUSIVE = 1u << 28;
    public const uint EPOLLET = 1u << 31;

    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ENOBUFS = 105;
    public const int ENOMEM = 12;
    public const int EINPROGRESS = 115;

    public const int AF_UNIX = 1;
    public const int AF_INET = 2;
    public const int AF_INET6 = 10;
    public const int SOCK_STREAM = 1;
    public const int SOCK_NONBLOCK_CLOEXEC = 0x80800;
    public const int EFD_NONBLOCK_CLOEXEC = 0x80800;
    public const int SHUT_WR = 1;
    public const int MSG_PEEK = 0x2;
    public const int MSG_NOSIGNAL = 0x4000;

    public const int SOL_SOCKET = 1;
    public const int SO_REUSEADDR = 2;
    public const int SO_ERROR = 4;
    public const int SO_KEEPALIVE = 9;
    public const int SO_LINGER = 13;
    public const int IPPROTO_IP = 0;
    public const int IPPROTO_TCP = 6;
    public const int IPPROTO_IPV6 = 41;
    public const int TCP_NODELAY = 1;
    public const int TCP_KEEPIDLE = 4;
    public const int TCP_KEEPINTVL = 5;
    public const int TCP_KEEPCNT = 6;
    public const int IP_FREEBIND = 15;
    public const int IP_TRANSPARENT = 19;
    public const int IPV6_V6ONLY = 26;
    public const int IPV6_TRANSPARENT = 75;
    public const int SO_ORIGINAL_DST = 80;

    /// <summary>The error number of the last call on this thread.</summary>
    public static int Errno => Marshal.GetLastPInvokeError();

    /// <summary>The system's text for an error number, e.g. <c>Connection refused</c>.</summary>
    public static string Describe(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int fd, void* evt);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, void* events, int most, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int fd, void* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int fd, void* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int bind(int fd, void* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int connect(int fd, void* address, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int listen(int fd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int accept4(int fd, void* address, int* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockname(int fd, void* address, int* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsockopt(int fd, int level, int option, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getsockopt(int fd, int level, int option, void* value, int* length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int shutdown(int fd, int how);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int fd);

    /// <summary>Sets an option that is a C <c>int</c>; −1 on error.</summary>
    public static int SetOption(int fd, int level, int option, int value) => setsockopt(fd, level, option, &value, sizeof(int));
}
