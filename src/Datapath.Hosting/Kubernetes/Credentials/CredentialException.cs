namespace Datapath.Hosting;

/// <summary>A credential, or what a server's certificate is checked with, cannot be had.</summary>
internal sealed class CredentialException(string message, Exception? innerException = null) : Exception(message, innerException);
