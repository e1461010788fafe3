using System.Runtime.InteropServices;

namespace FleetManager.FaultLab.Disk;

/// <summary>SQLite's file system interface, as <c>sqlite3.h</c> has it; only the members that the lab replaces have types.</summary>
internal static unsafe partial class VfsNative
{
    public const int Ok = 0;
    public const int Full = 13;
    public const int CanNotOpen = 14;
    public const int ErrorRead = 266;
    public const int ErrorWrite = 778;
    public const int ErrorSync = 1034;
    public const int ErrorTruncate = 1546;
    public const int ErrorDelete = 2570;

    public const int OpenCreate = 4;

    /// <summary>SQLITE_OPEN_MAIN_JOURNAL, SQLITE_OPEN_SUPER_JOURNAL and SQLITE_OPEN_WAL.</summary>
    public const int OpenLogs = 0x800 | 0x4000 | 0x80000;

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial Vfs* Find(nint name);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]
    public static partial int Register(Vfs* vfs, int makeDefault);

    [StructLayout(LayoutKind.Sequential)]
    public struct Vfs
    {
        public int Version;
        public int FileSize;
        public int MaxPath;
        public Vfs* Next;
        public byte* Name;
        public nint AppData;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, File*, int, int*, int> Open;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, int, int> Delete;
        public fixed long Rest[17];
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct File
    {
        public Methods* Methods;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<File*, int> Close;
        public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<File*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<File*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<File*, long*, int> Size;
        public fixed long Rest[12];
    }
}
