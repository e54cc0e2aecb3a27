using System.Globalization;
using System.Net;

namespace Datapath.Hosting;

/// <summary>An API server refuses, or cannot be asked.</summary>
public sealed class KubernetesApiException : Exception
{
    internal KubernetesApiException(HttpStatusCode status, string message, TimeSpan? retryAfter = null)
        : base(string.Create(CultureInfo.InvariantCulture, $"{(int)status} {message}")) => (Status, RetryAfter) = (status, retryAfter);

    internal KubernetesApiException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The status code of the refusal; <see langword="null"/>: the server did not answer, or could not be asked.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>How long the server wants to be left alone, if it says so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the object is of another version than the one that was to be changed. The newer one comes by the watch.</summary>
    public bool IsConflict => Status is HttpStatusCode.Conflict;

    /// <summary>Whether there is no such object, or no such kind.</summary>
    public bool IsNotFound => Status is HttpStatusCode.NotFound;

    /// <summary>Whether the version that was asked for is forgotten, so that only a new list helps.</summary>
    internal bool IsExpired => Status is HttpStatusCode.Gone;
}
