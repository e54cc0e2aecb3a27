using System.Diagnostics.CodeAnalysis;

namespace Datapath.Hosting;

/// <summary>The address of an API server.</summary>
internal static class ServerAddress
{
    public const string Rule = "must be an https URL without query, for example https://192.0.2.1:6443 or https://[2001:db8::1]:6443";

    /// <summary>Reads one. Its path ends with a slash, so that the server may be behind a prefix.</summary>
    public static bool TryParse(string text, [MaybeNullWhen(false)] out Uri server)
    {
        server = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttps || uri.Host.Length == 0
            || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
            return false;
        server = uri.AbsolutePath.EndsWith('/') ? uri : new UriBuilder(uri) { Path = uri.AbsolutePath + "/" }.Uri;
        return true;
    }
}
