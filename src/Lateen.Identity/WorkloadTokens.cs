using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lateen.Identity;

/// <summary>
/// Issues and verifies the tokens by which workloads show the control plane which service account they run as:
/// JSON Web Tokens, ES256, subject <c>system:serviceaccount:NAMESPACE:NAME</c>, audience <c>istio-ca</c>.
/// Both sides share the key in a private folder.
/// </summary>
public sealed class WorkloadTokens : IDisposable
{
    /// <summary>The audience of the tokens (Istio's).</summary>
    public const string Audience = "istio-ca";

    /// <summary>Name of the key's folder in a state folder.</summary>
    public const string FolderName = "tokens";

    private const string Issuer = "lateen";
    private const string KeyFile = "token-key.pem";
    private const string SubjectPrefix = "system:serviceaccount:";

    private readonly ECDsa _key;
    private readonly ECDsaSecurityKey _securityKey;
    private readonly TimeProvider _time;
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    private WorkloadTokens(ECDsa key, TimeProvider time)
    {
        _key = key;
        // The cache would outlive the key.
        _securityKey = new(key) { CryptoProviderFactory = new() { CacheSignatureProviders = false } };
        _time = time;
    }

    /// <summary>Loads the key from a folder, which is created with a new key when it does not exist.</summary>
    /// <param name="folder">Created with mode 0700, its file with 0600.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="InvalidDataException">The key is missing or broken.</exception>
    public static WorkloadTokens LoadOrCreate(string folder, TimeProvider time)
    {
        PrivateFolder.Ensure(folder, CreateKey);
        var path = Path.Combine(folder, KeyFile);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return new(key, time);
        }
        catch (Exception e) when (e is CryptographicException or IOException or ArgumentException)
        {
            key.Dispose();
            throw new InvalidDataException($"{path}: cannot be used as key for tokens: {e.Message}", e);
        }
    }

    /// <summary>A token for a service account.</summary>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="serviceAccount">Its name.</param>
    /// <param name="lifetime">From now on.</param>
    public string Issue(string @namespace, string serviceAccount, TimeSpan lifetime)
    {
        var now = _time.GetUtcNow();
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            Claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = $"{SubjectPrefix}{@namespace}:{serviceAccount}" },
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + lifetime).UtcDateTime,
            SigningCredentials = new(_securityKey, SecurityAlgorithms.EcdsaSha256),
        });
    }

    /// <summary>Verifies a token.</summary>
    /// <returns>The identity it stands for in the trust domain, or null and why it is refused.</returns>
    public async ValueTask<(WorkloadIdentity? Identity, string? Error)> VerifyAsync(string token, string trustDomain)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = Audience,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKey = _securityKey,
            RequireExpirationTime = true,
            LifetimeValidator = (notBefore, expires, _, _) => IsCurrent(notBefore, expires),
        }).ConfigureAwait(false);
        if (!result.IsValid)
            return (null, result.Exception.Message);
        var subject = ((JsonWebToken)result.SecurityToken).Subject;
        return subject.StartsWith(SubjectPrefix, StringComparison.Ordinal)
            && subject[SubjectPrefix.Length..].Split(':') is [{ Length: > 0 } ns, { Length: > 0 } serviceAccount]
                ? (new(trustDomain, ns, serviceAccount), null)
                : (null, $"the subject {subject} is not a service account");
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private bool IsCurrent(DateTime? notBefore, DateTime? expires)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires > now && (notBefore is null || notBefore <= now);
    }

    private static IEnumerable<(string Name, string Text)> CreateKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return [(KeyFile, key.ExportPkcs8PrivateKeyPem() + "\n")];
    }
}
