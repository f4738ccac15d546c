namespace Lateen.Local;

/// <summary>What <c>lateen up</c> is asked for.</summary>
public sealed record MeshOptions
{
    /// <summary>Port of the gateway for HTTP when none is asked for.</summary>
    public const int DefaultPort = 8080;

    /// <summary>Port of the gateway for HTTPS when none is asked for.</summary>
    public const int DefaultHttpsPort = 8443;

    /// <summary>The folder with the mesh's YAML.</summary>
    public required string Folder { get; init; }

    /// <summary>The folder for what is kept; see <see cref="StateFolder"/>.</summary>
    public required string State { get; init; }

    /// <summary>Port of this machine on which the gateway serves its port 80.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Port of this machine on which the gateway serves its port 443.</summary>
    public int HttpsPort { get; init; } = DefaultHttpsPort;

    /// <summary>Port of the control plane's API on 127.0.0.1; 0 for any free one.</summary>
    public int ControlPort { get; init; } = 15014;

    /// <summary>Whether to run the applications too, not only the mesh.</summary>
    public bool RunApplications { get; init; } = true;

    /// <summary>Whether control plane and proxies tell what they do, not only what goes wrong.</summary>
    public bool Verbose { get; init; }

    /// <summary>How long a proxy that was told to stop lets its requests finish.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to wait for a process that was told to stop before it is killed.</summary>
    internal TimeSpan Patience => DrainTime + TimeSpan.FromSeconds(3);
}
