using System.Text;
using Envoy.Config.Core.V3;

namespace Lateen.Proxy.Configuration;

/// <summary>Reads what a <see cref="DataSource"/> points to: a file, inline bytes or text, or an environment variable.</summary>
public static class DataSourceReader
{
    /// <summary>The content as text (UTF-8).</summary>
    /// <exception cref="ConfigurationException">Nothing is named, or it cannot be read.</exception>
    public static string ReadText(DataSource source) => source.SpecifierCase switch
    {
        DataSource.SpecifierOneofCase.InlineString => source.InlineString,
        DataSource.SpecifierOneofCase.InlineBytes => source.InlineBytes.ToStringUtf8(),
        _ => Encoding.UTF8.GetString(ReadBytes(source)),
    };

    /// <summary>The content as bytes.</summary>
    /// <exception cref="ConfigurationException">Nothing is named, or it cannot be read.</exception>
    public static byte[] ReadBytes(DataSource source) => source.SpecifierCase switch
    {
        DataSource.SpecifierOneofCase.InlineString => Encoding.UTF8.GetBytes(source.InlineString),
        DataSource.SpecifierOneofCase.InlineBytes => source.InlineBytes.ToByteArray(),
        DataSource.SpecifierOneofCase.Filename => ReadFile(source.Filename),
        DataSource.SpecifierOneofCase.EnvironmentVariable => ReadVariable(source.EnvironmentVariable),
        _ => throw new ConfigurationException("", "Unexpected DataSource::specifier_case(): 0"),
    };

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException("filename", $"Invalid path: {path}: {e.Message}", e);
        }
    }

    private static byte[] ReadVariable(string name) => Environment.GetEnvironmentVariable(name) is { } value
        ? Encoding.UTF8.GetBytes(value)
        : throw new ConfigurationException("environment_variable", $"Environment variable doesn't exist: {name}");
}
