using System.Diagnostics.Metrics;
using Grpc.Core;
using Lateen.Xds.Istio.Citadel;
using Microsoft.Extensions.Logging;

namespace Lateen.Identity;

/// <summary>
/// The gRPC service <c>istio.v1.auth.IstioCertificateService</c>: signs what an authenticated workload asks for, for its own identity.
/// </summary>
public sealed partial class CertificateSigning : IstioCertificateService.IstioCertificateServiceBase
{
    private readonly CertificateAuthority _authority;
    private readonly CallerAuthentication _authentication;
    private readonly ILogger<CertificateSigning> _logger;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _unauthenticated;
    private readonly Counter<long> _invalid;
    private readonly Counter<long> _issued;

    /// <param name="authority">Signs.</param>
    /// <param name="authentication">Says who calls.</param>
    /// <param name="meter">Counts under istiod's names.</param>
    /// <param name="logger">Told of requests refused.</param>
    public CertificateSigning(CertificateAuthority authority, CallerAuthentication authentication, Meter meter, ILogger<CertificateSigning> logger)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _authority = authority;
        _authentication = authentication;
        _logger = logger;
        Counter<long> Count(string name, string description) => meter.CreateCounter<long>($"citadel_server_{name}", description: description);
        _requests = Count("csr_count", "The number of CSRs received by Citadel server.");
        _unauthenticated = Count("authentication_failure_count", "The number of authentication failures.");
        _invalid = Count("csr_parsing_err_count", "The number of errors occurred when parsing the CSR.");
        _issued = Count("success_cert_issuance_count", "The number of certificates issuances that have succeeded.");
    }

    /// <summary>Signs a request: leaf first, root last.</summary>
    /// <exception cref="RpcException">Unauthenticated, or InvalidArgument for a request that cannot be signed.</exception>
    public override async Task<IstioCertificateResponse> CreateCertificate(IstioCertificateRequest request, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        _requests.Add(1);
        var caller = await AuthenticateAsync(context).ConfigureAwait(false);
        try
        {
            var certificate = _authority.Sign(request.Csr, caller, LifetimeOf(request));
            _issued.Add(1);
            return new() { CertChain = { certificate.Pem, _authority.RootPem } };
        }
        catch (CertificateRequestException e)
        {
            _invalid.Add(1);
            LogRefused(caller, e.Message);
            throw new RpcException(new(StatusCode.InvalidArgument, e.Message));
        }
    }

    private async ValueTask<WorkloadIdentity> AuthenticateAsync(ServerCallContext context)
    {
        try
        {
            return await _authentication.AuthenticateAsync(context).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            _unauthenticated.Add(1);
            throw;
        }
    }

    private static TimeSpan LifetimeOf(IstioCertificateRequest request) =>
        request.ValidityDuration > TimeSpan.MaxValue.TotalSeconds - 1
            ? TimeSpan.MaxValue
            : TimeSpan.FromSeconds(Math.Max(request.ValidityDuration, 0));

    [LoggerMessage(Level = LogLevel.Warning, Message = "certificate request of {Caller} refused: {Reason}")]
    private partial void LogRefused(WorkloadIdentity caller, string reason);
}
