using System.Buffers;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>What became of a path.</summary>
internal enum PathResult
{
    /// <summary>Nothing had to change.</summary>
    Unchanged,

    /// <summary>There is a new path.</summary>
    Changed,

    /// <summary>There is a new path, and the client is to be redirected to it.</summary>
    Redirect,

    /// <summary>The request is refused with 400.</summary>
    Refused,
}

/// <summary>
/// Path normalisation before anything looks at the path (Envoy: fragment, escaped slashes, RFC 3986 normalisation as Chromium's URL
/// canonicalisation does it, merged slashes). The query is never touched.
/// </summary>
internal sealed class PathNormalizer(ConnectionManagerOptions options)
{
    // Bytes that stay as they are and cannot begin anything that has to change, slashes aside.
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,:;=@[]|/"u8);

    private static readonly SearchValues<byte> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~."u8);

    private readonly bool _nothingToDo =
        !options.NormalizePath && !options.MergeSlashes && options.EscapedSlashes == EscapedSlashesAction.Keep;

    // Each byte becomes three at most (percent-encoding); a query is copied. One object serves one loop at a time.
    private byte[] _buffer = new byte[512];

    /// <summary>Normalises a <c>:path</c>; <paramref name="changed"/> is valid until the next call.</summary>
    public PathResult Normalize(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> changed)
    {
        changed = default;
        if (path.Contains((byte)'#'))
        {
            return PathResult.Refused;
        }

        if (_nothingToDo)
        {
            return PathResult.Unchanged;
        }

        var queryAt = path.IndexOf((byte)'?');
        var plain = queryAt < 0 ? path : path[..queryAt];
        if (plain.IndexOfAnyExcept(Plain) < 0 && !(options.MergeSlashes && plain.IndexOf("//"u8) >= 0))
        {
            return PathResult.Unchanged;
        }

        return Rewrite(path, plain, out changed);
    }

    private PathResult Rewrite(ReadOnlySpan<byte> path, ReadOnlySpan<byte> plain, out ReadOnlySpan<byte> changed)
    {
        changed = default;
        if (_buffer.Length < path.Length * 4)
        {
            _buffer = new byte[path.Length * 4];
        }

        // The first half holds the path with slashes unescaped, the second one what is built from it.
        var work = _buffer.AsSpan(0, plain.Length);
        plain.CopyTo(work);
        var unescaped = false;
        if (options.EscapedSlashes != EscapedSlashesAction.Keep)
        {
            var length = UnescapeSlashes(work);
            unescaped = length != work.Length;
            work = work[..length];
            if (unescaped && options.EscapedSlashes == EscapedSlashesAction.Reject)
            {
                return PathResult.Refused;
            }
        }

        var output = _buffer.AsSpan(plain.Length);
        var used = work.Length;
        if (!options.NormalizePath)
        {
            work.CopyTo(output);
        }
        else if ((used = Canonicalize(work, output)) < 0)
        {
            return PathResult.Refused;
        }

        if (options.MergeSlashes)
        {
            used = MergeSlashes(output[..used]);
        }

        if (output[..used].SequenceEqual(plain))
        {
            return PathResult.Unchanged;
        }

        path[plain.Length..].CopyTo(output[used..]);
        changed = output[..(used + path.Length - plain.Length)];
        return unescaped && options.EscapedSlashes == EscapedSlashesAction.UnescapeAndRedirect ? PathResult.Redirect : PathResult.Changed;
    }

    private static int UnescapeSlashes(Span<byte> path)
    {
        var to = 0;
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && i + 2 < path.Length && (char)path[i + 1] is '2' && (path[i + 2] | 0x20) == 'f')
            {
                path[to++] = (byte)'/';
                i += 2;
            }
            else if (path[i] == '%' && i + 2 < path.Length && (char)path[i + 1] is '5' && (path[i + 2] | 0x20) == 'c')
            {
                path[to++] = (byte)'\\';
                i += 2;
            }
            else
            {
                path[to++] = path[i];
            }
        }

        return to;
    }

    private static int MergeSlashes(Span<byte> path)
    {
        var to = 0;
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] != '/' || to == 0 || path[to - 1] != '/')
            {
                path[to++] = path[i];
            }
        }

        return to;
    }

    // Returns the length written, or −1 for a path that cannot be canonicalised.
    private static int Canonicalize(ReadOnlySpan<byte> path, Span<byte> output)
    {
        var used = 0;
        for (var i = 0; i < path.Length;)
        {
            var b = path[i];
            if (b is (byte)'/' or (byte)'\\')
            {
                output[used++] = (byte)'/';
                i++;
                SkipDotSegments(path, ref i, output, ref used);
                continue;
            }

            if (b < 0x20)
            {
                return -1;
            }

            if (b == '%' && i + 2 < path.Length && Hex(path[i + 1]) is >= 0 and var high && Hex(path[i + 2]) is >= 0 and var low)
            {
                var value = (byte)(high << 4 | low);
                if (value == 0)
                {
                    return -1;
                }

                if (Unreserved.Contains(value))
                {
                    output[used++] = value;
                }
                else
                {
                    path.Slice(i, 3).CopyTo(output[used..]);
                    used += 3;
                }

                i += 3;
                continue;
            }

            used = Put(output, used, b);
            i++;
        }

        return used;
    }

    // At the beginning of a segment: "." and ".." segments, each dot also as %2e, are taken out.
    private static void SkipDotSegments(ReadOnlySpan<byte> path, ref int i, Span<byte> output, ref int used)
    {
        while (true)
        {
            var first = DotLength(path[i..]);
            if (first == 0)
            {
                return;
            }

            var second = DotLength(path[(i + first)..]);
            var length = first + second;
            var atEnd = i + length == path.Length;
            if (!atEnd && path[i + length] is not ((byte)'/' or (byte)'\\'))
            {
                return;
            }

            if (second > 0)
            {
                used = ParentOf(output[..used]);
            }

            i += length + (atEnd ? 0 : 1);
        }
    }

    // The output ends with a slash; the parent does too.
    private static int ParentOf(ReadOnlySpan<byte> output) =>
        output.Length <= 1 ? output.Length : output[..^1].LastIndexOf((byte)'/') + 1;

    private static int DotLength(ReadOnlySpan<byte> rest)
    {
        if (rest.Length >= 1 && rest[0] == '.')
        {
            return 1;
        }

        return rest.Length >= 3 && rest[0] == '%' && rest[1] == '2' && (rest[2] | 0x20) == 'e' ? 3 : 0;
    }

    private static int Put(Span<byte> output, int used, byte b)
    {
        // '%' that begins no valid escape is passed on, as browsers do.
        if (b is (byte)'.' or (byte)'%' || Plain.Contains(b))
        {
            output[used] = b;
            return used + 1;
        }

        const string digits = "0123456789ABCDEF";
        output[used] = (byte)'%';
        output[used + 1] = (byte)digits[b >> 4];
        output[used + 2] = (byte)digits[b & 15];
        return used + 3;
    }

    private static int Hex(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}
