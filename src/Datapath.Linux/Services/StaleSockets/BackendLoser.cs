namespace Datapath.Linux.Services;

/// <summary>Whose frontend loses a backend.</summary>
/// <param name="Service">The service, which may go on listing it; <see langword="null"/> if it is not known.</param>
/// <param name="StaleTcp">Which TCP connections it wants ended; <see langword="null"/>: as configured.</param>
internal readonly record struct BackendLoser(ServiceName? Service, StaleTcpPolicy? StaleTcp);
