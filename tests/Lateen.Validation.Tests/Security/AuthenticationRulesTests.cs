namespace Lateen.Validation.Tests.Security;

public sealed class AuthenticationRulesTests
{
    private static readonly (string, string)[] Words = [("J", "jwtRules: [{issuer: i")];

    public static TheoryData<string, string, string> Rejected => RuleTable.OfKinds("""
        PeerAuthentication PA-1 {mtls: {mode: strict}}
        PeerAuthentication PA-1 {selector: {matchLabels: {a: b}}, portLevelMtls: {'80': {mode: X}}}
        PeerAuthentication PA-2 {portLevelMtls: {'8080': {mode: STRICT}}}
        PeerAuthentication PA-2 {selector: {}, portLevelMtls: {'8080': {mode: STRICT}}}
        PeerAuthentication PA-3 {selector: {matchLabels: {a: b}}, portLevelMtls: {}}
        PeerAuthentication PA-4 {selector: {matchLabels: {a: b}}, portLevelMtls: {'0': {mode: STRICT}}}
        PeerAuthentication PA-4 {selector: {matchLabels: {a: b}}, portLevelMtls: {'65536': {mode: STRICT}}}
        PeerAuthentication PA-5 {selector: {matchLabels: {a: b}}, portLevelMtls: {http: {mode: STRICT}}}
        PeerAuthentication SEL-1 {selector: {matchLabels: {'': b}}}
        PeerAuthentication M-1 {} @ {name: x, annotations: {istio.io/dry-run: 'true'}}
        RequestAuthentication TR-1 {selector: {matchLabels: {a: b}}, targetRef: {kind: Service, name: a}}
        RequestAuthentication RA-3 {jwtRules: [{jwks: '{"keys": []}'}]}
        RequestAuthentication RA-3 {jwtRules: [{}]}
        RequestAuthentication RA-3 {jwtRules: [{issuer: '', jwksUri: 'https://a'}]}
        RequestAuthentication RA-4 {$J, audiences: ['']}]}
        RequestAuthentication RA-5 {$J, jwksUri: 'ftp://a'}]}
        RequestAuthentication RA-5 {$J, jwksUri: a.b/c}]}
        RequestAuthentication RA-5 {$J, jwks_uri: 'http://a:x'}]}
        RequestAuthentication RA-5 {$J, jwksUri: ''}]}
        RequestAuthentication RA-6 {$J, jwksUri: 'https://a', jwks: '{"keys": []}'}]}
        RequestAuthentication RA-7 {$J, jwks: 'x'}]}
        RequestAuthentication RA-7 {$J, jwks: '{"keys": [{"kty": "RSA"}]}'}]}
        RequestAuthentication RA-9 {$J, fromHeaders: [{name: ''}]}]}
        RequestAuthentication RA-9 {$J, fromHeaders: [{prefix: a}]}]}
        RequestAuthentication RA-10 {$J, fromParams: ['']}]}
        RequestAuthentication RA-11 {$J, fromCookies: ['']}]}
        RequestAuthentication RA-12 {$J, outputClaimToHeaders: [{header: '', claim: a}]}]}
        RequestAuthentication RA-12 {$J, outputClaimToHeaders: [{header: a, claim: ''}]}]}
        RequestAuthentication RA-13 {$J, outputClaimToHeaders: [{header: ':authority', claim: a}]}]}
        RequestAuthentication RA-13 {$J, outputClaimToHeaders: [{header: x.y, claim: a}]}]}
        RequestAuthentication RA-14 {$J, timeout: 0s}]}
        RequestAuthentication RA-15 {$J, spaceDelimitedClaims: ['']}]}
        RequestAuthentication RA-16 {$J, presence: required}]}
        """, Words);

    public static TheoryData<string, string, string> Warned => RuleTable.OfKinds("""
        PeerAuthentication SEL-6 {selector: {}}
        RequestAuthentication SEL-6 {selector: {}}
        RequestAuthentication RA-8 {$J, jwks: '{"keys": [{"kty": "oct", "k": "YQ"}]}'}]}
        RequestAuthentication RA-8 {$J, jwks: '{"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "c"}'}]}
        """, Words);

    public static TheoryData<string, string, string> Accepted => RuleTable.OfKinds("""
        PeerAuthentication PA-7 {}
        PeerAuthentication PA-7 {selector: {matchLabels: {a: b}}, portLevelMtls: {8080: {}}}
        RequestAuthentication RA-17 {}
        RequestAuthentication A75 {jwtRules: [{jwksUri: 'https://a/b'}]}
        RequestAuthentication A76 {$J, jwksUri: 'HTTPS://x'}, {issuer: j, jwks_uri: 'http://h:99999'}]}
        RequestAuthentication A77 {$J}, {issuer: i}]}
        RequestAuthentication RA-7 {$J, jwks: '{"keys": [{"kty": "RSA", "n": "a", "e": "AQAB"}]}', fromHeaders: [{name: a, prefix: 'b '}]}]}
        """, Words);

    [Theory]
    [MemberData(nameof(Rejected))]
    public void Rejects(string kind, string rule, string spec) => RuleTable.Rejects(kind, rule, spec);

    [Theory]
    [MemberData(nameof(Warned))]
    public void Warns(string kind, string rule, string spec) => RuleTable.Warns(kind, rule, spec);

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accepts(string kind, string edge, string spec)
    {
        Assert.NotEmpty(edge);
        RuleTable.Accepts(kind, spec);
    }
}
