namespace Lateen.Cli.Validating;

/// <summary>How findings are written.</summary>
internal enum FindingFormat
{
    /// <summary>For people, with the lines of the file.</summary>
    Text,

    /// <summary>A JSON list.</summary>
    Json,

    /// <summary>SARIF 2.1.0, for code scanning.</summary>
    Sarif,

    /// <summary>Commands of GitHub Actions, for annotations in a pull request.</summary>
    Github,
}
