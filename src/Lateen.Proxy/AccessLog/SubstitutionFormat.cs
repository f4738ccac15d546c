using System.Buffers;
using Lateen.Proxy.Configuration;
using Lateen.Proxy.Http;

namespace Lateen.Proxy.AccessLog;

/// <summary>
/// Text with operators such as <c>%REQ(X-REQUEST-ID)%</c>, compiled once (Envoy: substitution formatting). Immutable; serves access
/// logs and header values alike.
/// </summary>
public sealed class SubstitutionFormat
{
    /// <summary>Envoy's default access log line.</summary>
    public const string DefaultText =
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% "
        + "%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" "
        + "\"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

    [ThreadStatic]
    private static FormatBuffer? _buffer;

    private readonly FormatPart[] _parts;
    private readonly bool _omitEmpty;

    private SubstitutionFormat(FormatPart[] parts, bool omitEmpty)
    {
        _parts = parts;
        _omitEmpty = omitEmpty;
    }

    /// <summary>Compiles a format.</summary>
    /// <param name="text">The text; <c>%%</c> is a percent sign.</param>
    /// <param name="omitEmptyValues">
    /// What is missing leaves nothing instead of <c>-</c>: for header values always, for access logs as configured.
    /// </param>
    /// <exception cref="ConfigurationException">A syntax error, an unknown operator or a wrong argument.</exception>
    public static SubstitutionFormat Compile(string text, bool omitEmptyValues = false) =>
        new([.. FormatParser.Parse(text)], omitEmptyValues);

    /// <summary>True when the text has no operators: the same for every stream.</summary>
    public bool IsConstant => Array.TrueForAll(_parts, part => part.Operator is null);

    /// <summary>The only operator, when the text is exactly one: JSON keeps the type of its value then.</summary>
    internal Operator? Single => _parts is [{ Operator: { } single }] ? single : null;

    /// <summary>Writes the text for a stream.</summary>
    public void Write(StreamInfo stream, IBufferWriter<byte> output) => output.Write(Format(stream));

    /// <summary>
    /// The text for a stream; valid until this thread formats again. Allocates nothing unless a value itself has to.
    /// </summary>
    public ReadOnlySpan<byte> Format(StreamInfo stream)
    {
        var buffer = _buffer ??= new FormatBuffer();
        buffer.Clear();
        Write(stream, buffer);
        return buffer.Written;
    }

    /// <summary>Writes the text; false when it is one operator without value (nothing was written then).</summary>
    internal bool TryWriteValue(StreamInfo stream, FormatBuffer output) => TryWrite(_parts[0], stream, output);

    internal void Write(StreamInfo stream, FormatBuffer output)
    {
        foreach (ref readonly var part in _parts.AsSpan())
        {
            if (part.Literal is { } literal)
                output.Append(literal);
            else if (!TryWrite(part, stream, output) && !_omitEmpty)
                output.Append((byte)'-');
        }
    }

    private static bool TryWrite(in FormatPart part, StreamInfo stream, FormatBuffer output)
    {
        var start = output.Length;
        if (!part.Operator!.Write(stream, output))
        {
            output.CutTo(start);
            return false;
        }

        if (part.MaxLength is { } maximum)
            output.Truncate(start, maximum);
        return true;
    }
}
