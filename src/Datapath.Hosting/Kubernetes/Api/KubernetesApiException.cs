using System.Globalization;
using System.Net;

namespace Datapath.Hosting;

/// <summary>An API server refuses.</summary>
internal sealed class KubernetesApiException(HttpStatusCode status, string message, TimeSpan? retryAfter = null)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"{(int)status} {message}"))
{
    /// <summary>The status code.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>How long the server wants to be left alone, if it says so.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the version that was asked for is forgotten, so that only a new list helps.</summary>
    public bool IsExpired => Status is HttpStatusCode.Gone;
}
