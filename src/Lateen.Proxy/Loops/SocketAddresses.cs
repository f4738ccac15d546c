using System.Net;
using System.Net.Sockets;

namespace Lateen.Proxy.Loops;

/// <summary>Between .NET's end points and the kernel's <c>sockaddr</c>.</summary>
internal static unsafe class SocketAddresses
{
    /// <summary>Room for every family's address.</summary>
    public const int MostBytes = 128;

    private static readonly IPEndPoint AnyIPv4 = new(IPAddress.Any, 0);
    private static readonly IPEndPoint AnyIPv6 = new(IPAddress.IPv6Any, 0);

    /// <summary>The kernel's family of an end point.</summary>
    public static int Family(EndPoint endPoint) => endPoint.AddressFamily switch
    {
        AddressFamily.InterNetwork => Libc.AF_INET,
        AddressFamily.InterNetworkV6 => Libc.AF_INET6,
        AddressFamily.Unix => Libc.AF_UNIX,
        _ => throw new TransportException($"The address {endPoint} is of no supported family."),
    };

    /// <summary>The end point of a kernel address; IPv4 mapped into IPv6 becomes IPv4 again.</summary>
    public static EndPoint Read(byte* address, int length)
    {
        var family = length >= sizeof(ushort) ? *(ushort*)address : Libc.AF_UNIX;
        if (family == Libc.AF_UNIX)
        {
            return ReadUnix(address, length);
        }

        var template = family == Libc.AF_INET6 ? AnyIPv6 : AnyIPv4;
        var native = new SocketAddress(template.AddressFamily, length);
        new ReadOnlySpan<byte>(address, length).CopyTo(native.Buffer.Span);
        var endPoint = (IPEndPoint)template.Create(native);
        return endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
    }

    /// <summary>The local address of a socket.</summary>
    public static EndPoint Local(int fd)
    {
        var address = stackalloc byte[MostBytes];
        var length = MostBytes;
        return Libc.getsockname(fd, address, &length) < 0
            ? throw new TransportException($"getsockname: {Libc.Describe(Libc.Errno)}")
            : Read(address, length);
    }

    // A client's UNIX socket usually has no name, which .NET's end point writes as an empty path.
    private static UnixDomainSocketEndPoint ReadUnix(byte* address, int length)
    {
        const int pathOffset = sizeof(ushort);
        if (length <= pathOffset || address[pathOffset] == 0)
        {
            return new UnixDomainSocketEndPoint("\0");
        }

        var bytes = new ReadOnlySpan<byte>(address + pathOffset, length - pathOffset);
        var end = bytes.IndexOf((byte)0);
        return new UnixDomainSocketEndPoint(System.Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]));
    }

    /// <summary>Calls <paramref name="call"/> with the kernel's form of an end point.</summary>
    public static int With(EndPoint endPoint, int fd, delegate*<int, void*, int, int> call)
    {
        var native = endPoint.Serialize();
        fixed (byte* bytes = native.Buffer.Span)
        {
            return call(fd, bytes, native.Size);
        }
    }

    /// <summary>Binds a socket; −1 on error.</summary>
    public static int Bind(int fd, EndPoint endPoint) => With(endPoint, fd, &BindCall);

    /// <summary>Connects a socket; −1 on error.</summary>
    public static int Connect(int fd, EndPoint endPoint) => With(endPoint, fd, &ConnectCall);

    private static int BindCall(int fd, void* address, int length) => Libc.bind(fd, address, length);

    private static int ConnectCall(int fd, void* address, int length) => Libc.connect(fd, address, length);
}
