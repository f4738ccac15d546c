using System.Text;

namespace Lateen.Proxy.Http.ConnectionManager;

/// <summary>Turns a local reply into a response head (Envoy: local replies; gRPC requests get a trailers-only response).</summary>
internal static class LocalReplies
{
    /// <summary>Fills <paramref name="head"/>; returns the body to send after it, empty for none.</summary>
    public static ReadOnlyMemory<byte> Fill(ResponseHead head, LocalReply reply, RequestHead request)
    {
        var headers = head.Headers;
        headers.Clear();
        if (request.IsGrpc)
        {
            head.Status = 200;
            headers.Add(HeaderNames.ContentType, "application/grpc"u8);
            headers.Set(HeaderNames.GrpcStatus, reply.GrpcStatus ?? GrpcStatusOf(reply.Status));
            if (!reply.BodyBytes.IsEmpty)
            {
                headers.Add(HeaderNames.GrpcMessage, PercentEncode(reply.BodyBytes.Span));
            }

            reply.ModifyHeaders?.Invoke(headers);
            return default;
        }

        head.Status = reply.Status;
        if (!reply.BodyBytes.IsEmpty)
        {
            headers.Set(HeaderNames.ContentLength, reply.BodyBytes.Length);
            headers.Add(HeaderNames.ContentType, "text/plain"u8);
        }

        reply.ModifyHeaders?.Invoke(headers);
        return request.IsHead ? default : reply.BodyBytes;
    }

    /// <summary>The gRPC status that stands for an HTTP status (gRPC: HTTP to gRPC status code mapping).</summary>
    public static int GrpcStatusOf(int status) => status switch
    {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 or 502 or 503 or 504 => 14,
        _ => 2,
    };

    /// <summary>The HTTP status that stands for a gRPC status, for outlier detection and statistics; 0 for none.</summary>
    public static int HttpStatusOf(int grpcStatus) => grpcStatus switch
    {
        0 => 200,
        1 => 499,
        2 or 13 or 15 => 500,
        3 or 9 or 11 => 400,
        4 => 504,
        5 => 404,
        6 or 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        14 => 503,
        16 => 401,
        _ => 500,
    };

    private static string PercentEncode(ReadOnlySpan<byte> message)
    {
        var text = new StringBuilder(message.Length);
        foreach (var b in message)
        {
            if (b is < 0x20 or > 0x7e or (byte)'%')
            {
                text.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                text.Append((char)b);
            }
        }

        return text.ToString();
    }
}
