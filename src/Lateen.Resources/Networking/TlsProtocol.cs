using System.Text.Json.Serialization;

namespace Lateen.Resources.Networking;

/// <summary>Version of TLS.</summary>
public enum TlsProtocol
{
    /// <summary>The default.</summary>
    TlsAuto,

    /// <summary>1.0.</summary>
    [JsonStringEnumMemberName("TLSV1_0")]
    TlsV10,

    /// <summary>1.1.</summary>
    [JsonStringEnumMemberName("TLSV1_1")]
    TlsV11,

    /// <summary>1.2.</summary>
    [JsonStringEnumMemberName("TLSV1_2")]
    TlsV12,

    /// <summary>1.3.</summary>
    [JsonStringEnumMemberName("TLSV1_3")]
    TlsV13,
}
