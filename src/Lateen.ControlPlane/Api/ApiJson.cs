using System.Text.Json.Serialization;

namespace Lateen.ControlPlane.Api;

/// <summary>What <c>/version</c> tells.</summary>
/// <param name="Version">The control plane's version.</param>
public sealed record VersionInfo(string Version);

/// <summary>What <c>POST /debug/rotate</c> tells.</summary>
/// <param name="Renewed">The identities with a new certificate.</param>
public sealed record RotationResult(IReadOnlyList<string> Renewed);

/// <summary>How the API's answers are written as JSON.</summary>
[JsonSerializable(typeof(IReadOnlyList<ProxyStatus>))]
[JsonSerializable(typeof(IReadOnlyList<ProxyConnection>))]
[JsonSerializable(typeof(IReadOnlyList<ConfigProblem>))]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(RotationResult))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
public sealed partial class ApiJson : JsonSerializerContext;
